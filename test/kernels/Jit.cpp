#include "test/kernels/Jit.h"

#include "dialect/moe_rt/MoeRt.h"
#include "passes/Pipelines.h"
#include "passes/Register.h"
#include "passes/lower/Passes.h"
#include "passes/lower/kernels/KernelLibrary.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/TargetSelect.h"

#include <atomic>
#include <bit>
#include <map>
#include <stdexcept>
#include <thread>

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
} // namespace moec::kernels::test

namespace {

/// Threads of task loops, for the call that runs.
unsigned taskThreads = 1;

void parallelFor(int64_t tasks, void (*body)(void *, int64_t), void *closure) {
  std::atomic<int64_t> next = 0;
  auto work = [&] {
    for (int64_t task; (task = next++) < tasks;)
      body(closure, task);
  };
  std::vector<std::thread> threads;
  for (int64_t i = 1; i < std::min<int64_t>(taskThreads, tasks); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}

int64_t threadCount() { return taskThreads; }

void *allocate(int64_t bytes) {
  return std::aligned_alloc(64, (bytes + 64) / 64 * 64);
}

/// What the runtime offers to programs, as far as kernels use it.
llvm::orc::SymbolMap runtimeSymbols(llvm::orc::MangleAndInterner intern) {
  llvm::orc::SymbolMap symbols;
  auto add = [&](llvm::StringRef name, auto *function) {
    symbols[intern(name)] = {llvm::orc::ExecutorAddr::fromPtr(function),
                             llvm::JITSymbolFlags::Exported};
  };
  add("moe_rt_parallel_for", parallelFor);
  add("moe_rt_threads", threadCount);
  add("moe_rt_alloc", allocate);
  add("moe_rt_free", std::free);
  return symbols;
}

} // namespace

struct Jit::State {
  std::string isa;
  unsigned threads;
  MLIRContext context;
  std::map<std::string, std::unique_ptr<ExecutionEngine>> engines;

  std::string program(const std::string &name, const std::string &attributes,
                      const std::vector<Operand> &operands) const;
  std::unique_ptr<ExecutionEngine> compile(const std::string &text);
};

Jit::Jit(std::string isa, unsigned threads) : state(new State) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  state->threads = threads;
  state->isa = std::move(isa);
  DialectRegistry registry;
  registerDialects(registry);
  registerAllToLLVMIRTranslations(registry);
  state->context.appendDialectRegistry(registry);
  state->context.loadAllAvailableDialects();
}

Jit::~Jit() = default;

/// A program that calls the kernel on its inputs; a scalar is the only element
/// of an array.
std::string Jit::State::program(const std::string &name,
                                const std::string &attributes,
                                const std::vector<Operand> &operands) const {
  std::string arguments, loads, values, types;
  for (size_t i = 0; i < operands.size(); ++i) {
    std::string value = "%a" + std::to_string(i), type = operands[i].type;
    const char *comma = i == 0 ? "" : ", ";
    arguments += comma + value + ": " +
                 (operands[i].isMemref ? type : "memref<1x" + type + ">");
    if (!operands[i].isMemref) {
      loads += "  %s" + std::to_string(i) + " = memref.load " + value +
               "[%zero] : memref<1x" + type + ">\n";
      value = "%s" + std::to_string(i);
    }
    if (i + 1 < operands.size()) {
      values += comma + value;
      types += comma + type;
    }
  }
  std::string ins =
      values.empty() ? "" : " ins(" + values + " : " + types + ")";
  return "module attributes {moe_rt.isa = \"" + isa +
         "\"} {\nfunc.func @main(" + arguments +
         ") {\n  %zero = arith.constant 0 : index\n" + loads +
         "  moe_rt.kernel @" + name + ins + " outs(%a" +
         std::to_string(operands.size() - 1) + " : " + operands.back().type +
         ") " + attributes + "\n  return\n}\n}\n";
}

std::unique_ptr<ExecutionEngine> Jit::State::compile(const std::string &text) {
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream(message) << diagnostic << "\n";
  });
  auto module = parseSourceString<ModuleOp>(text, &context);
  PassManager passes(&context);
  passes.addPass(lower::createLinkKernelsPass());
  passes.addPass(lower::createOutlineParallelLoopsPass());
  buildLLVMPipeline(passes);
  if (!module || failed(passes.run(*module)))
    throw std::runtime_error(message);
  auto builder =
      llvm::cantFail(llvm::orc::JITTargetMachineBuilder::detectHost());
  builder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto machine = llvm::cantFail(builder.createTargetMachine());
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(3, 0, machine.get());
  options.transformer = optimize;
  auto engine = llvm::cantFail(
      ExecutionEngine::create(*module, options, std::move(machine)));
  engine->registerSymbols(runtimeSymbols);
  return engine;
}

void Jit::call(const std::string &name, const std::string &attributes,
               std::vector<Operand> operands) {
  std::string text = state->program(name, attributes, operands);
  auto found = state->engines.find(text);
  if (found == state->engines.end())
    found = state->engines.emplace(text, state->compile(text)).first;
  using Entry = void (*)(void **, void **);
  auto entry = reinterpret_cast<Entry>(
      llvm::cantFail(found->second->lookup("moe_program_run")));
  std::vector<void *> inputs;
  for (Operand &operand : operands)
    inputs.push_back(operand.descriptor.data());
  taskThreads = state->threads;
  entry(inputs.data(), nullptr);
}

Jit &moec::kernels::test::sharedJit() {
  static Jit *jit = new Jit;
  return *jit;
}
