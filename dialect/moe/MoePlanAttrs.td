//===- MoePlanAttrs.td - Attributes that hold the plan --------*- tablegen -*-===//
//
// Part of moec. What the passes of place/ and schedule/ decide, and the machine
// they decide it for. MoeDialect.td lists where each of them may stand.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_MOE_PLAN_ATTRS_TD
#define MOEC_MOE_PLAN_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "dialect/moe/MoeEnums.td"

class Moe_Number<string default = "">
    : AttrOrTypeParameter<"::moec::moe::Number", "a number"> {
  let parser = "::moec::moe::parseNumber($_parser)";
  let printer = "$_printer << ::llvm::APFloat(double($_self))";
  let defaultValue = !if(!empty(default), "", "::moec::moe::Number(" # default # ")");
}

def Moe_DeviceAttr : AttrDef<Moe_Dialect, "Device"> {
  let mnemonic = "device";
  let summary = "One device of a machine; it runs one rank";
  let description = [{
    `speed` is relative to a device of speed 1; it is used where `seconds`, the
    measured time of one layer's experts for the numbers of `rows`, is absent.
    `rate` is the peak in FLOP/s (f32), `memory` the bytes of the fastest tier,
    `bandwidth` (bytes/s) and `latency` (s) belong to the device's port. 0 means
    "not known" for `rate`, "no limit" for `memory` and `bandwidth`.

    **Constraints:**
    - C1: the name is not empty.
    - C2: `node`, `memory`, `rate`, `bandwidth` and `latency` are not negative.
    - C3: `speed` is positive.
    - C4: `rows` and `seconds` have the same length; rows grow strictly from 0
      on, seconds are not negative and do not fall.
  }];
  let parameters = (ins
    StringRefParameter<>:$name,
    EnumParameter<Moe_DeviceKind>:$kind,
    "int64_t":$node,
    Moe_Number<"1.0">:$speed,
    DefaultValuedParameter<"int64_t", "0">:$memory,
    Moe_Number<"0.0">:$rate,
    Moe_Number<"0.0">:$bandwidth,
    Moe_Number<"0.0">:$latency,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$rows,
    OptionalParameter<"::mlir::DenseF64ArrayAttr">:$seconds);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Moe_TopologyAttr : AttrDef<Moe_Dialect, "Topology"> {
  let mnemonic = "topology";
  let summary = "The machine that a program is planned for";
  let description = [{
    Rank r runs on device r. `network` is the bandwidth (bytes/s) by which each
    node is connected to the others, 0 where only the devices' ports limit it.

    **Constraints:**
    - C1: there is at least one device and no name stands twice.
    - C2: the devices' nodes are numbered from 0 without gaps.
    - C3: `network`, if present, has one number for each node, none negative.

    ```mlir
    module attributes {moe.topology = #moe.topology<[
        <name = "a", kind = cpu, node = 0, memory = 8589934592>,
        <name = "b", kind = cpu, node = 0, speed = 5.0e-01>]>} {}
    ```
  }];
  let parameters = (ins
    ArrayRefParameter<"::moec::moe::DeviceAttr">:$devices,
    OptionalParameter<"::mlir::DenseF64ArrayAttr">:$network);
  let assemblyFormat = "`<` `[` $devices `]` (`,` `network` `=` $network^)? `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t size() const { return static_cast<int64_t>(getDevices().size()); }
  }];
}

def Moe_PlacementAttr : AttrDef<Moe_Dialect, "Placement"> {
  let mnemonic = "placement";
  let summary = "Which ranks hold which experts of a layer";
  let description = [{
    Per rank, the expert of each of its slots in order. Lists may be of different
    lengths and empty. An expert in several lists is replicated; its replicas
    take turns by token index.

    **Constraints:**
    - C1: ids are not negative, and every id up to the largest stands somewhere.
    - C2: no list names an expert twice.

    Example: `#moe.placement<[[0, 1, 2], [3, 1], []]>`
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::DenseI64ArrayAttr">:$ranks);
  let assemblyFormat = "`<` `[` $ranks `]` `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t numRanks() const { return static_cast<int64_t>(getRanks().size()); }
    /// One more than the largest id.
    int64_t numExperts() const;
    /// Slots of all ranks together.
    int64_t numSlots() const;
  }];
}

def Moe_RoundsAttr : AttrDef<Moe_Dialect, "Rounds"> {
  let mnemonic = "rounds";
  let summary = "The order in which ranks exchange rows";
  let description = [{
    Per round, the rank that each rank sends to; -1: none. The way back uses the
    same rounds with every send turned round.

    **Constraints:**
    - C1: every round has a destination or -1 for each of the ranks.
    - C2: within a round no rank receives twice; over all rounds each rank
      sends to each rank, itself included, exactly once.

    Example: `#moe.rounds<[[0, 1], [1, 0]]>`
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::DenseI32ArrayAttr">:$rounds);
  let assemblyFormat = "`<` `[` $rounds `]` `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t numRanks() const { return getRounds().front().size(); }
    RoundsAttr transposed() const;
  }];
}

def Moe_DecisionAttr : AttrDef<Moe_Dialect, "Decision"> {
  let mnemonic = "decision";
  let summary = "Why the plan is as it is";
  let description = [{
    `cost` is the predicted time in seconds of what was decided, `without` that
    of the default (linear placement, no order), `bound` what no decision can
    beat. `reason` is a sentence for the report.

    **Constraints:**
    - C1: `strategy` is not empty and no number is negative.
  }];
  let parameters = (ins StringRefParameter<>:$strategy, Moe_Number<>:$cost,
                        Moe_Number<>:$without, Moe_Number<>:$bound,
                        StringRefParameter<>:$reason);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // MOEC_MOE_PLAN_ATTRS_TD
