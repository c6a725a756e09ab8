#include "codegen/ObjectEmitter.h"

#include "codegen/FloatLibrary.h"
#include "passes/lower/ProgramEntry.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace llvm;
using namespace moec;
using namespace moec::codegen;

static const Target *x86Target(std::string &error) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
  });
  return TargetRegistry::lookupTarget(Triple("x86_64-unknown-linux-gnu"),
                                      error);
}

static Expected<std::unique_ptr<TargetMachine>> createMachine(const Isa &isa) {
  std::string error;
  const Target *target = x86Target(error);
  if (!target)
    return createStringError("no x86-64 back end: " + error);
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      Triple("x86_64-unknown-linux-gnu"), isa.cpu, isa.features, TargetOptions(),
      Reloc::PIC_, std::nullopt, CodeGenOptLevel::Aggressive));
}

static void setTarget(Module &module, const Isa &isa,
                      const TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", isa.cpu);
    if (!isa.features.empty())
      function.addFnAttr("target-features", isa.features);
    function.addFnAttr("prefer-vector-width", isa.vectorWidth);
    function.addFnAttr(Attribute::NoUnwind);
  }
  if (Function *entry = module.getFunction(lower::kProgramEntry))
    entry->setName(lower::kProgramEntry + isa.suffix);
}

static void optimize(Module &module, TargetMachine &machine) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
      .run(module, modules);
}

/// What libc and libm provide and code generation may ask for.
static bool isLibrarySymbol(StringRef name) {
  static const llvm::StringSet<> plain = {"memcpy", "memset", "memmove",
                                          "memcmp"};
  static const llvm::StringSet<> math = {
      "acos",  "acosh", "asin", "asinh",  "atan",     "atan2", "atanh", "cbrt",
      "ceil",  "cos",   "cosh", "erf",    "erfc",     "exp",   "exp2",  "expm1",
      "floor", "fma",   "fmod", "log",    "log10",    "log1p", "log2",  "pow",
      "rint",  "round", "sin",  "sincos", "sinh",     "sqrt",  "tan",   "tanh",
      "trunc", "fmin",  "fmax", "ldexp",  "roundeven"};
  if (plain.contains(name) || math.contains(name))
    return true;
  return name.consume_back("f") && math.contains(name);
}

static Error checkSymbols(ArrayRef<char> bytes) {
  auto object = object::ObjectFile::createObjectFile(
      MemoryBufferRef(StringRef(bytes.data(), bytes.size()), "program"));
  if (!object)
    return object.takeError();
  for (const object::SymbolRef &symbol : (*object)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & object::SymbolRef::SF_Undefined))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (!name->empty() && !name->starts_with("moe_rt_") &&
        *name != "_GLOBAL_OFFSET_TABLE_" && !isLibrarySymbol(*name))
      return createStringError(
          "the program would need the function '" + *name +
          "', which neither the runtime nor libm provides");
  }
  return Error::success();
}

Expected<SmallVector<char, 0>> moec::codegen::emitObject(Module &module,
                                                         const Isa &isa) {
  auto machine = createMachine(isa);
  if (!machine)
    return machine.takeError();
  addFloatLibrary(module);
  setTarget(module, isa, **machine);
  optimize(module, **machine);
  SmallVector<char, 0> bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager emission;
  if ((*machine)->addPassesToEmitFile(emission, stream, nullptr,
                                      CodeGenFileType::ObjectFile))
    return createStringError("the back end cannot emit an object file");
  emission.run(module);
  if (Error error = checkSymbols(bytes))
    return error;
  return bytes;
}
