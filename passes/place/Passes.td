//===- Passes.td - Where experts live ------------------------*- tablegen -*-===//
//
// Part of moec. The order in which these run stands in passes/Pipelines.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_PLACE_TD
#define MOEC_PASSES_PLACE_TD

include "mlir/Pass/PassBase.td"

def LoadHardwarePass : Pass<"moe-load-hardware", "::mlir::ModuleOp"> {
  let summary = "Sets moe.topology from a hardware file";
  let description = [{
    Reads the YAML file and writes what plans need of it on the module. It replaces
    another topology together with the decisions made for that one.

    ```mlir
    module attributes {moe.topology = #moe.topology<[<name = "d0", kind = cpu, node = 0, ...>, ...]>} {...}
    ```
  }];
  let options = [Option<"file", "file", "std::string", "", "The hardware file">];
  let dependentDialects = ["::moec::moe::MoeDialect"];
}

def LoadRoutingPass : Pass<"moe-load-routing", "::mlir::ModuleOp"> {
  let summary = "Sets moe.routing and moe.loads from routing statistics";
  let description = [{
    The files (any format of compiler/target, their steps one behind the other)
    must know as many layers as the module has `moe.experts`; they are matched in
    order. Totals go onto the layers; the trace stays in its files, which
    `moe.routing` names, and passes read it through the analysis
    `bridge::Routing`. What is odd about the statistics is a warning.

    ```mlir
    module attributes {moe.routing = ["trace.npy"]} {
      ... moe.experts ... {moe.loads = array<i64: 12, 3, 0, 9>}
    ```
  }];
  let options = [ListOption<"files", "files", "std::string", "The files">];
  let dependentDialects = ["::moec::moe::MoeDialect"];
}

def PlaceExpertsPass : Pass<"moe-place-experts", "::mlir::ModuleOp"> {
  let summary = "Decides on which device each expert lives";
  let description = [{
    Gives every `moe.experts` a `moe.placement` over the devices of `moe.topology`
    and in `moe.placed` the reason with the predicted times. Objective, solvers
    and bounds are those of plan/Placement.h; a device never gets more experts
    than its memory holds. Without statistics for a layer (`moe.routing`,
    `moe.loads`) it is placed linearly, and so is a layer that no other placement
    makes faster.

    Before it: a topology, or the pass does nothing. One device needs no
    placement; only its memory is checked. A layer that has a placement, from an
    earlier run or by hand, keeps it.

    ```mlir
    moe.experts ... {moe.loads = array<i64: 9, 1, 1, 9>}
    // becomes, on two devices
    moe.experts ... {moe.placement = #moe.placement<[[0, 1], [2, 3]]>, moe.placed = #moe.decision<...>, ...}
    ```

    Limits: one copy of each expert; `moe-replicate-experts` adds more.
  }];
  let options = [
    Option<"strategy", "strategy", "::moec::plan::PlacementStrategy",
           "::moec::plan::PlacementStrategy::Best", "How experts are placed",
           [{::llvm::cl::values(
             clEnumValN(::moec::plan::PlacementStrategy::Linear, "linear", "blocks of experts"),
             clEnumValN(::moec::plan::PlacementStrategy::RoundRobin, "round-robin", "experts in turn"),
             clEnumValN(::moec::plan::PlacementStrategy::EplbGlobal, "eplb", "DeepSeek's EPLB, global policy"),
             clEnumValN(::moec::plan::PlacementStrategy::EplbHierarchical, "eplb-hierarchical", "DeepSeek's EPLB, node by node"),
             clEnumValN(::moec::plan::PlacementStrategy::Average, "average", "heaviest first, on average loads"),
             clEnumValN(::moec::plan::PlacementStrategy::Step, "step", "local search on the loads of each step"),
             clEnumValN(::moec::plan::PlacementStrategy::Resampled, "resampled", "the same on resampled steps too"),
             clEnumValN(::moec::plan::PlacementStrategy::Exact, "exact", "branch and bound, for small layers"),
             clEnumValN(::moec::plan::PlacementStrategy::Best, "best", "whatever cross-validation prefers"))}]>
  ];
  let statistics = [
    Statistic<"placed", "placed", "Layers placed">,
    Statistic<"gained", "gained", "Layers whose placement is not linear">
  ];
  let dependentDialects = ["::moec::moe::MoeDialect"];
}

def ReplicateExpertsPass : Pass<"moe-replicate-experts", "::mlir::ModuleOp"> {
  let summary = "Gives busy experts further slots";
  let description = [{
    Solves the placement of every placed layer again with a budget of `slots` over
    all devices (cut to what memories hold) and takes the result where it is
    predicted to be faster than the placement without replicas. The reason in
    `moe.placed` says which. Without statistics every expert keeps one slot.

    ```mlir
    moe.experts ... {moe.placement = #moe.placement<[[0, 1], [2, 3]]>, moe.loads = array<i64: 90, 1, 1, 9>}
    // becomes, with slots = 5
    moe.experts ... {moe.placement = #moe.placement<[[0, 1], [0, 2, 3]]>, ...}
    ```
  }];
  let options = [Option<"slots", "slots", "int64_t", "0",
                        "Slots of one layer over all devices">];
  let statistics = [
    Statistic<"replicas", "replicas", "Slots filled beyond one for each expert">
  ];
  let dependentDialects = ["::moec::moe::MoeDialect"];
}

#endif // MOEC_PASSES_PLACE_TD
