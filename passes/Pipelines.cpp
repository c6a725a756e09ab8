#include "passes/Pipelines.h"

#include "passes/import/Passes.h"
#include "passes/lower/Passes.h"
#include "passes/place/Passes.h"
#include "passes/schedule/Passes.h"
#include "passes/verify/Passes.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/BufferizationToMemRef/BufferizationToMemRef.h"
#include "mlir/Conversion/MathToFuncs/MathToFuncs.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace moec;

static void clean(OpPassManager &manager) {
  manager.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  manager.addNestedPass<func::FuncOp>(createCSEPass());
}

void moec::buildMoePipeline(OpPassManager &manager) {
  manager.addPass(createInferShapesPass());
  manager.addNestedPass<func::FuncOp>(createFuseAttentionPass());
  manager.addNestedPass<func::FuncOp>(createFuseNormPass());
  manager.addPass(createRecognizePass());
  manager.addPass(createLowerOnnxPass());
  clean(manager);
  manager.addPass(verify::createVerifyMoePass());
}

void moec::buildPlanPipeline(OpPassManager &manager,
                             const PlanOptions &options) {
  clean(manager);
  if (!options.hardware.empty())
    manager.addPass(place::createLoadHardwarePass({options.hardware}));
  if (!options.routing.empty())
    manager.addPass(place::createLoadRoutingPass(
        {llvm::SmallVector<std::string>(options.routing.begin(),
                                       options.routing.end())}));
  manager.addPass(place::createPlaceExpertsPass({options.strategy}));
  if (options.slots > 0)
    manager.addPass(place::createReplicateExpertsPass({options.slots}));
  manager.addPass(schedule::createOrderAllToAllPass());
  manager.addPass(verify::createVerifyPlanPass());
}

static void bufferize(OpPassManager &manager) {
  manager.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.allowReturnAllocsFromLoops = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  manager.addPass(bufferization::createOneShotBufferizePass(options));
  clean(manager);
  manager.addNestedPass<func::FuncOp>(lower::createFreeBuffersPass());
  manager.addNestedPass<func::FuncOp>(
      bufferization::createBufferDeallocationSimplificationPass());
  manager.addPass(bufferization::createLowerDeallocationsPass());
  manager.addPass(createConvertBufferizationToMemRefPass()); // clones
}

void moec::buildLowerPipeline(OpPassManager &manager,
                              const std::string &weights) {
  manager.addPass(lower::createLowerMoePass());
  if (!weights.empty())
    manager.addPass(lower::createNarrowWeightsPass({weights}));
  clean(manager);
  manager.addPass(lower::createAppendStatesPass());
  // As early as everything is explicit: the rest then sees each layer once.
  manager.addPass(lower::createOutlineLayersPass());
  clean(manager);
  manager.addNestedPass<func::FuncOp>(lower::createFuseElementwisePass());
  clean(manager);
  manager.addPass(lower::createCollectWeightsPass());
  bufferize(manager);

  manager.addNestedPass<func::FuncOp>(lower::createLowerCopiesPass());
  manager.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  manager.addNestedPass<func::FuncOp>(memref::createFoldMemRefAliasOpsPass());
  clean(manager);
  // Before outlining, which hides the allocations that prove distinctness.
  manager.addNestedPass<func::FuncOp>(lower::createPromoteAccumulatorsPass());
  manager.addNestedPass<func::FuncOp>(lower::createMarkStepsPass());
  manager.addPass(lower::createOutlineParallelLoopsPass());
  clean(manager);
  manager.addPass(verify::createVerifyLoweredPass());
}

void moec::buildLLVMPipeline(OpPassManager &manager) {
  // The kernels' register tile depends on the instruction set, so they come
  // after the level that is common to all.
  manager.addPass(lower::createLinkKernelsPass());
  manager.addNestedPass<func::FuncOp>(lower::createLowerCopiesPass());
  manager.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  manager.addPass(lower::createOutlineParallelLoopsPass());
  clean(manager);

  // Arithmetic on 16-bit floats is done in f32; values inside one loop body are
  // not rounded in between.
  math::MathExtendToSupportedTypesOptions extend;
  manager.addNestedPass<func::FuncOp>(
      math::createMathExtendToSupportedTypes(extend));
  arith::ArithEmulateUnsupportedFloatsOptions emulate;
  emulate.sourceTypeStrs = {"bf16", "f16"};
  emulate.targetTypeStr = "f32";
  manager.addNestedPass<func::FuncOp>(
      arith::createArithEmulateUnsupportedFloats(emulate));

  manager.addPass(createConvertMathToFuncs()); // integer powers
  manager.addNestedPass<func::FuncOp>(createConvertVectorToSCFPass());
  manager.addNestedPass<func::FuncOp>(lower::createLowerReshapesPass());
  manager.addNestedPass<func::FuncOp>(
      memref::createExpandStridedMetadataPass());
  manager.addNestedPass<func::FuncOp>(createLowerAffinePass());
  // After the affine ops, whose floor divisions it expands too.
  manager.addNestedPass<func::FuncOp>(lower::createExpandMathPass());
  manager.addNestedPass<func::FuncOp>(createSCFToControlFlowPass());
  clean(manager);
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(lower::createConvertToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCSEPass());
}

void moec::registerPipelines() {
  PassPipelineRegistration<>(
      "moe-import", "The onnx level to moe ops beside linalg on tensors",
      buildMoePipeline);
  PassPipelineRegistration<>("moe-plan", "Decisions about placement and order",
                             [](OpPassManager &manager) {
                               buildPlanPipeline(manager, {});
                             });
  PassPipelineRegistration<>(
      "moe-lower", "Tensors to buffers, loop bodies and runtime calls",
      [](OpPassManager &manager) { buildLowerPipeline(manager, ""); });
  PassPipelineRegistration<>("moe-llvm", "The lowered level to LLVM",
                             buildLLVMPipeline);
}
