#include "driver/Phases.h"

#include "dialect/onnx/Onnx.h"
#include "driver/ReadModel.h"
#include "passes/Pipelines.h"
#include "passes/lower/ProgramEntry.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace moec;
using namespace moec::driver;

static LogicalResult run(Compilation &compilation,
                         llvm::function_ref<void(OpPassManager &)> build) {
  PassManager manager(compilation.context);
  build(manager);
  return manager.run(*compilation.module);
}

static LogicalResult recognise(Compilation &compilation) {
  return run(compilation, buildMoePipeline);
}

static LogicalResult makePlan(Compilation &compilation) {
  const Options &options = compilation.options;
  PlanOptions planOptions{.hardware = options.hardware,
                          .routing = options.routing,
                          .strategy = options.strategy,
                          .slots = options.slots};
  return run(compilation, [&](OpPassManager &manager) {
    buildPlanPipeline(manager, planOptions);
  });
}

static LogicalResult lowerToBuffers(Compilation &compilation) {
  return run(compilation, [&](OpPassManager &manager) {
    buildLowerPipeline(manager, compilation.options.weights);
  });
}

static LogicalResult toLLVM(Compilation &compilation) {
  return run(compilation, buildLLVMPipeline);
}

static constexpr Phase kPhases[] = {
    {"onnx", "reading the model",
     "the graph as it was, weights as file regions", readModel},
    {"moe", "recognising its layers", "MoE layers raised, the rest as it was",
     recognise},
    {"plan", "planning", "with every decision about placement and order",
     makePlan},
    {"lowered", "lowering", "buffers, loops, kernels and runtime calls",
     lowerToBuffers},
    {"llvm", "lowering to LLVM", "the LLVM dialect for x86-64-v3", toLLVM}};

ArrayRef<Phase> moec::driver::phases() { return kPhases; }

const Phase *moec::driver::findLevel(StringRef level) {
  for (const Phase &phase : kPhases)
    if (phase.level == level)
      return &phase;
  return nullptr;
}

std::string moec::driver::levelNames() {
  std::string text;
  for (const Phase &phase : kPhases) {
    if (!text.empty())
      text += &phase == std::end(kPhases) - 1 ? " or " : ", ";
    text += phase.level;
  }
  return text;
}

std::string moec::driver::levelHelp() {
  std::string text;
  for (const Phase &phase : kPhases) {
    std::string name = phase.level.str();
    name.resize(10, ' ');
    text += "      " + name + phase.result.str() + "\n";
  }
  return text;
}

const Phase *moec::driver::nextPhase(ModuleOp module) {
  if (module.lookupSymbol(lower::kProgramEntry))
    return std::end(kPhases);
  auto main = module.lookupSymbol<FunctionOpInterface>("main");
  bool onBuffers =
      main && llvm::any_of(llvm::concat<const Type>(main.getArgumentTypes(),
                                                    main.getResultTypes()),
                           [](Type type) { return isa<MemRefType>(type); });
  if (onBuffers)
    return findLevel("llvm");
  bool isImported =
      module
          ->walk([](Operation *op) {
            return isa_and_nonnull<onnx::OnnxDialect>(op->getDialect())
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          })
          .wasInterrupted();
  return findLevel(isImported ? "moe" : "plan");
}
