#include "passes/Register.h"

#include "dialect/moe/Moe.h"
#include "dialect/moe_rt/MoeRt.h"
#include "dialect/onnx/Onnx.h"
#include "passes/import/Passes.h"
#include "passes/Pipelines.h"
#include "passes/lower/Passes.h"
#include "passes/place/Passes.h"
#include "passes/schedule/Passes.h"
#include "passes/verify/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

void moec::registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<moe::MoeDialect, onnx::OnnxDialect, rt::MoeRtDialect>();
  rt::registerBufferization(registry);
}

void moec::registerPasses() {
  mlir::registerAllPasses();
  registerMoecImportPasses();
  place::registerPlacePasses();
  schedule::registerSchedulePasses();
  verify::registerVerifyPasses();
  lower::registerLowerPasses();
  registerPipelines();
}
