//===- Passes.td - In which order ranks exchange -------------*- tablegen -*-===//
//
// Part of moec. The order in which these run stands in passes/Pipelines.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_SCHEDULE_TD
#define MOEC_PASSES_SCHEDULE_TD

include "mlir/Pass/PassBase.td"

def OrderAllToAllPass : Pass<"moe-order-all-to-all", "::mlir::ModuleOp"> {
  let summary = "Decides in which rounds the ranks of a placed layer exchange rows";
  let description = [{
    Orders the exchange of the mean step (bridge/ExchangeProblem.h) with
    `plan::solvePairRounds`. Where that is faster than the rotation, which the
    runtime does by itself, the layer gets `moe.rounds`; otherwise it gets none.
    Either way `moe.ordered` tells the predicted seconds, there and back.

    Before it: a topology, or the pass does nothing; layers without a placement
    are skipped.

    ```mlir
    moe.experts ... {moe.placement = #moe.placement<[[0, 1], [2], [3]]>, moe.loads = ...}
    // becomes
    moe.experts ... {moe.rounds = #moe.rounds<[[0, 1, 2], [2, 0, 1], [1, 2, 0]]>, ...}
    ```

    Limits: a part is never cut; only port speeds count, not shared links.
  }];
  let statistics = [
    Statistic<"ordered", "ordered", "Layers with rounds of their own">
  ];
  let dependentDialects = ["::moec::moe::MoeDialect"];
}

#endif // MOEC_PASSES_SCHEDULE_TD
