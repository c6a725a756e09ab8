#include "test/kernels/Jit.h"

#include "passes/lower/kernels/KernelLibrary.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/TargetSelect.h"

#include <bit>
#include <map>
#include <stdexcept>

using namespace mlir;
using namespace moec::kernels::test;

namespace moec::kernels::test {
template <> const char *mlirType<float>() { return "f32"; }
template <> const char *mlirType<double>() { return "f64"; }
template <> const char *mlirType<BF16>() { return "bf16"; }
template <> const char *mlirType<F16>() { return "f16"; }
template <> const char *mlirType<int8_t>() { return "i8"; }
template <> const char *mlirType<int32_t>() { return "i32"; }
template <> const char *mlirType<int64_t>() { return "i64"; }

Operand scalar(float value) {
  return {"f32", {std::bit_cast<int32_t>(value)}, /*isMemref=*/false};
}
} // namespace moec::kernels::test

struct Jit::State {
  std::string isa;
  bool threads;
  MLIRContext context;
  std::map<std::string, std::unique_ptr<ExecutionEngine>> engines;

  /// The function `run`, which calls the kernel on `operands`.
  void *compile(const std::string &name, const std::string &attributes,
                const std::vector<Operand> &operands);
  void lower(ModuleOp module);
  std::unique_ptr<ExecutionEngine> build(ModuleOp module);
};

Jit::Jit(std::string isa, bool threads) : state(new State) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  state->isa = std::move(isa);
  state->threads = threads;
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  state->context.appendDialectRegistry(registry);
  state->context.loadAllAvailableDialects();
}

Jit::~Jit() = default;

void Jit::State::lower(ModuleOp module) {
  PassManager passes(&context);
  if (threads)
    passes.addPass(createConvertSCFToOpenMPPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createConvertMathToLLVMPass());
  if (threads)
    passes.addPass(createConvertOpenMPToLLVMPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createUBToLLVMConversionPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(createCanonicalizerPass());
  if (failed(passes.run(module)))
    throw std::runtime_error("lowering failed");
}

std::unique_ptr<ExecutionEngine> Jit::State::build(ModuleOp module) {
  auto builder =
      llvm::cantFail(llvm::orc::JITTargetMachineBuilder::detectHost());
  builder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto machine = llvm::cantFail(builder.createTargetMachine());
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(3, 0, machine.get());
  options.transformer = optimize;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  llvm::StringRef openmp[] = {"libomp.so.5"};
  if (threads)
    options.sharedLibPaths = openmp;
  auto engine = ExecutionEngine::create(module, options, std::move(machine));
  if (!engine)
    throw std::runtime_error(llvm::toString(engine.takeError()));
  return std::move(*engine);
}

void *Jit::State::compile(const std::string &name,
                          const std::string &attributes,
                          const std::vector<Operand> &operands) {
  std::string key = name + attributes;
  for (const Operand &operand : operands)
    key += operand.type;
  auto found = engines.find(key);
  if (found == engines.end()) {
    std::string message;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      llvm::raw_string_ostream(message) << diagnostic << "\n";
    });
    OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
    (*module)->setAttr(isaAttribute, StringAttr::get(&context, isa));
    SmallVector<Type> types;
    for (const Operand &operand : operands)
      types.push_back(parseType(operand.type, &context));
    auto dictionary =
        attributes.empty()
            ? DictionaryAttr()
            : cast<DictionaryAttr>(parseAttribute(attributes, &context));
    KernelLibrary library(*module);
    FailureOr<func::FuncOp> kernel =
        library.get(module->getLoc(), name, dictionary, types);
    if (failed(kernel) || failed(verify(*module)))
      throw std::runtime_error(message);
    kernel->setPublic();
    kernel->setName("run");
    (*kernel)->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                       UnitAttr::get(&context));
    try {
      lower(*module);
      found = engines.emplace(key, build(*module)).first;
    } catch (const std::runtime_error &error) {
      throw std::runtime_error(message + error.what());
    }
  }
  return reinterpret_cast<void *>(
      llvm::cantFail(found->second->lookupPacked("_mlir_ciface_run")));
}

void Jit::call(const std::string &name, const std::string &attributes,
               std::vector<Operand> operands) {
  auto function = reinterpret_cast<void (*)(void **)>(
      state->compile(name, attributes, operands));
  std::vector<void *> pointers, arguments;
  for (Operand &operand : operands)
    pointers.push_back(operand.descriptor.data());
  for (size_t i = 0; i < operands.size(); ++i)
    arguments.push_back(operands[i].isMemref ? &pointers[i] : pointers[i]);
  function(arguments.data());
}

Jit &moec::kernels::test::sharedJit() {
  static Jit *jit = new Jit;
  return *jit;
}
