#include "passes/Register.h"

#include "dialect/moe_rt/MoeRt.h"
#include "dialect/onnx/Onnx.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

void moec::registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<onnx::OnnxDialect, rt::MoeRtDialect>();
  rt::registerBufferization(registry);
}

void moec::registerPasses() { mlir::registerAllPasses(); }
