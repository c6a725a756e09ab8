#include "codegen/Program.h"

#include "codegen/Linker.h"
#include "codegen/ObjectEmitter.h"
#include "passes/Pipelines.h"
#include "passes/lower/ProgramEntry.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <thread>

using namespace mlir;
using namespace moec;
using namespace moec::codegen;
using llvm::createStringError;

void moec::codegen::registerTranslations(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

static llvm::Error lowerToLLVM(ModuleOp module, const Isa &isa) {
  if (module.lookupSymbol(lower::kProgramEntry))
    return llvm::Error::success(); // already the LLVM level
  module->setAttr("moe_rt.isa", StringAttr::get(module.getContext(), isa.name));
  PassManager manager(module.getContext());
  moec::buildLLVMPipeline(manager);
  if (failed(manager.run(module)))
    return createStringError("lowering for " + isa.name + " failed");
  return llvm::Error::success();
}

static llvm::Error writeFile(llvm::StringRef path, llvm::ArrayRef<char> bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (!code) {
    stream.write(bytes.data(), bytes.size());
    stream.close();
    code = stream.error();
    stream.clear_error();
  }
  if (code)
    return createStringError(code,
                             "cannot write " + path + ": " + code.message());
  return llvm::Error::success();
}

namespace {
/// One instruction set level on its way to an object file.
struct Level {
  const Isa &isa;
  std::string path;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> program;
};
} // namespace

/// From the lowered module to LLVM IR. Pass managers load dialects into the
/// shared MLIR context, so the levels take turns here.
static llvm::Error translateLevel(ModuleOp lowered, Level &level) {
  OwningOpRef<ModuleOp> module = lowered.clone();
  if (llvm::Error error = lowerToLLVM(*module, level.isa))
    return error;
  level.context = std::make_unique<llvm::LLVMContext>();
  level.program = translateModuleToLLVMIR(*module, *level.context, "program");
  if (!level.program)
    return createStringError("translation to LLVM IR failed");
  return llvm::Error::success();
}

static llvm::Error emitLevel(Level &level) {
  auto object = emitObject(*level.program, level.isa);
  if (!object)
    return object.takeError();
  return writeFile(level.path, *object);
}

llvm::Error moec::codegen::buildProgram(ModuleOp module,
                                        llvm::StringRef output) {
  std::vector<Level> levels;
  std::vector<std::string> objects;
  for (const Isa &isa : kIsaLevels) {
    objects.push_back((output + isa.suffix + ".o").str());
    levels.push_back({isa, objects.back(), nullptr, nullptr});
    if (llvm::Error error = translateLevel(module, levels.back()))
      return error;
  }
  // LLVM's optimiser and code generator take nearly all the time.
  std::vector<std::string> messages(levels.size());
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < levels.size(); ++i)
      threads.emplace_back(
          [&, i] { messages[i] = toString(emitLevel(levels[i])); });
  }
  llvm::Error error = llvm::Error::success();
  for (const std::string &message : messages)
    if (!message.empty() && !error)
      error = createStringError(message);
  if (!error)
    error = linkSharedLibrary(objects, output);
  for (const std::string &object : objects)
    llvm::sys::fs::remove(object);
  return error;
}
