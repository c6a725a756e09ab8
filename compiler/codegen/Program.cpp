#include "codegen/Program.h"

#include "codegen/Linker.h"
#include "codegen/ObjectEmitter.h"
#include "passes/Pipelines.h"
#include "passes/lower/ProgramEntry.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <deque>
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

/// The program for one level. A context of its own, so that levels can be
/// optimised at the same time.
struct Level {
  Level(const Isa &isa, std::string object)
      : isa(isa), object(std::move(object)) {}

  Isa isa;
  std::string object; ///< path
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program;
  std::string message; ///< of the error, if one occurred
};

} // namespace

static llvm::Error translate(ModuleOp lowered, Level &level) {
  OwningOpRef<ModuleOp> module = lowered.clone();
  if (llvm::Error error = lowerToLLVM(*module, level.isa))
    return error;
  level.program = translateModuleToLLVMIR(*module, level.context, "program");
  if (!level.program)
    return createStringError("translation to LLVM IR failed");
  return llvm::Error::success();
}

static llvm::Error emit(Level &level) {
  auto object = emitObject(*level.program, level.isa);
  if (!object)
    return object.takeError();
  return writeFile(level.object, *object);
}

llvm::Error moec::codegen::buildProgram(ModuleOp module,
                                        llvm::ArrayRef<Weight> weights,
                                        llvm::StringRef output) {
  std::deque<Level> levels;
  for (const Isa &isa : isaLevels(weights)) {
    levels.emplace_back(isa, (output + isa.suffix + ".o").str());
    // One after another: two pass managers must not share an MLIR context.
    if (llvm::Error error = translate(module, levels.back()))
      return error;
  }
  {
    std::vector<std::jthread> threads;
    for (Level &level : levels)
      threads.emplace_back([&] { level.message = toString(emit(level)); });
  }
  std::vector<std::string> objects;
  for (Level &level : levels)
    if (level.message.empty())
      objects.push_back(level.object);
  llvm::scope_exit remove([&] {
    for (const std::string &object : objects)
      llvm::sys::fs::remove(object);
  });
  for (Level &level : levels)
    if (!level.message.empty())
      return createStringError(level.message);
  return linkSharedLibrary(objects, output);
}
