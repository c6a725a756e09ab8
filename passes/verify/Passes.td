//===- Passes.td - What must hold at the borders of the levels -*- tablegen -*-===//
//
// Part of moec. All are read-only. A failure is an error of moec or of
// hand-written IR, found where it was made.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_VERIFY_TD
#define MOEC_PASSES_VERIFY_TD

include "mlir/Pass/PassBase.td"

def VerifyMoePass : Pass<"moe-verify-moe", "::mlir::ModuleOp"> {
  let summary = "Checks the moe level: nothing of the onnx level is left";
}

def VerifyPlanPass : Pass<"moe-verify-plan", "::mlir::ModuleOp"> {
  let summary = "Checks the planned level: layers and topology fit together";
  let description = [{
    - With a topology of several devices every `moe.experts` has a placement.
    - All placements have the same number of ranks.
    - No device holds more than its memory: the shared weights and its experts.

    (That a placement has as many ranks as the topology devices, and rounds as many
    as the placement, the attributes' own verifiers check.)
  }];
}

def VerifyLoweredPass : Pass<"moe-verify-lowered", "::mlir::ModuleOp"> {
  let summary = "Checks the lowered level: no tensors and no ops of higher levels";
}

#endif // MOEC_PASSES_VERIFY_TD
