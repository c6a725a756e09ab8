//===- MoeRt.td - Ops of the lowered level -------------------*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_MOE_RT_TD
#define MOEC_MOE_RT_TD

include "dialect/moe_rt/MoeRtDialect.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class MoeRt_Op<string mnemonic, list<Trait> traits = []>
    : Op<MoeRt_Dialect, mnemonic, traits>;

def MoeRt_Shaped : AnyTypeOf<[AnyRankedTensor, AnyMemRef]>;
def MoeRt_Rows : AnyTypeOf<[1DTensorOf<[I64]>, MemRefRankOf<[I64], [1]>]>;

//===----------------------------------------------------------------------===//
// Weights and ranks
//===----------------------------------------------------------------------===//

def MoeRt_WeightOp : MoeRt_Op<"weight", [Pure]> {
  let summary = "A weight of the artifact";
  let description = [{
    Read-only, and it lives for ever. The regions, one after another, are a
    tensor of type `source`; `pack` tells how the artifact stores it, and the
    result type is the stored form. With `slots` the leading dimension of the
    source counts experts and every rank's file holds only its own, in the order
    of its list; the result's first dimension is then the operand.

    ```mlir
    %w = moe_rt.weight "w" [#moe_rt.region<"m.data", 0, 128>]
           {source = tensor<8x4xf32>, pack = #moe_rt.pack<panels>} : tensor<1x8x16xf32>
    ```

    **Constraints:**
    - C1: the regions hold exactly `source`; so do `regions2`, which are given
      exactly with `separate` fusion.
    - C2: the result's shape is what `pack` makes of `source`.
    - C3: source and result have the same element type, or f32 panels are stored
      in 16 bits (f16 or bf16).
    - C4: `slots` and the operand come together, with a dynamic first dimension;
      every expert of `slots` exists.
  }];
  let arguments = (ins StrAttr:$name, MoeRt_RegionsAttr:$regions,
                       OptionalAttr<MoeRt_RegionsAttr>:$regions2,
                       TypeAttrOf<AnyRankedTensor>:$source,
                       MoeRt_PackAttr:$pack,
                       OptionalAttr<TypedArrayAttrBase<DenseI64ArrayAttr,
                           "array of expert lists">>:$slots,
                       Optional<Index>:$slot_count);
  let results = (outs MoeRt_Shaped:$result);
  let assemblyFormat = [{
    $name $regions (`slots` `(` $slot_count^ `)`)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    mlir::RankedTensorType getSourceType() {
      return mlir::cast<mlir::RankedTensorType>(getSource());
    }
  }];
}

class MoeRt_IndexOp<string mnemonic> : MoeRt_Op<mnemonic, [Pure]> {
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def MoeRt_RankOp : MoeRt_IndexOp<"rank"> {
  let summary = "The rank that runs the program, from 0";
}

def MoeRt_RanksOp : MoeRt_IndexOp<"ranks"> {
  let summary = "How many ranks run the program";
}

//===----------------------------------------------------------------------===//
// Destination style ops
//===----------------------------------------------------------------------===//

class MoeRt_DestinationOp<string mnemonic, list<Trait> traits = []>
    : MoeRt_Op<mnemonic, !listconcat(traits, [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
}

def MoeRt_KernelOp : MoeRt_DestinationOp<"kernel", [AttrSizedOperandSegments]> {
  let summary = "Calls a kernel of the library";
  let description = [{
    `ins` are only read; `outs` are overwritten and tie to the results. After
    bufferization `outs` are contiguous and there are no results; `ins` may be
    strided. The attributes choose the variant of the kernel.

    ```mlir
    %y = moe_rt.kernel @gemm ins(%a, %w : tensor<?x8xf32>, tensor<1x8x16xf32>)
                             outs(%c : tensor<?x4xf32>) -> tensor<?x4xf32>
    ```

    **Constraints:** the destination style's (a result per tensor of `outs`, of
    the same type).
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$inputs,
                       Variadic<MoeRt_Shaped>:$inits);
  let assemblyFormat = [{
    $callee (`ins` `(` $inputs^ `:` type($inputs) `)`)?
    `outs` `(` $inits `:` type($inits) `)` attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
  }];
}

class MoeRt_ExchangeOp<string mnemonic> : MoeRt_DestinationOp<mnemonic> {
  let extraClassDeclaration = [{
    mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
  let hasVerifier = 1;
}

def MoeRt_AllToAllOp : MoeRt_ExchangeOp<"all_to_all"> {
  let summary = "Every rank sends rows to every rank";
  let description = [{
    In `send` and in the result the rows for (from) rank 0, 1, ... lie one after
    another, the own part included; `send_rows` and `recv_rows` count them.
    `step` is the plan step that errors name. `rounds` is the planned order: per
    round, for each rank the rank it sends to (-1: none). Without it the runtime
    rotates.

    ```mlir
    %r = moe_rt.all_to_all(%send, %sent, %received) outs(%init)
           {step = 3 : i64, rounds = [array<i32: 0, 1>, array<i32: 1, 0>]}
           : tensor<?x64xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x64xf32> -> tensor<?x64xf32>
    ```

    **Constraints:**
    - C1: rows have the same type in `send` and `init`.
    - C2: every round names one destination per rank, at most once each, and the
      rounds together bring each rank to each rank exactly once.
  }];
  let arguments = (ins MoeRt_Shaped:$send, MoeRt_Rows:$send_rows,
                       MoeRt_Rows:$recv_rows, MoeRt_Shaped:$init,
                       I64Attr:$step,
                       OptionalAttr<TypedArrayAttrBase<DenseI32ArrayAttr,
                           "array of destination lists">>:$rounds);
  let assemblyFormat = [{
    `(` $send `,` $send_rows `,` $recv_rows `)` `outs` `(` $init `)` attr-dict
    `:` type($send) `,` type($send_rows) `,` type($recv_rows) `,` type($init)
    (`->` type($results)^)?
  }];
}

def MoeRt_AllGatherOp : MoeRt_ExchangeOp<"all_gather"> {
  let summary = "Every rank receives the rows of all ranks";
  let description = [{
    The result holds the rows of rank 0, 1, ... one after another; `rows` counts
    them.

    ```mlir
    %all = moe_rt.all_gather(%mine, %rows) outs(%init) {step = 4 : i64}
             : tensor<?x64xf32>, tensor<2xi64>, tensor<?x64xf32> -> tensor<?x64xf32>
    ```

    **Constraints:**
    - C1: rows have the same type in `send` and `init`.
  }];
  let arguments = (ins MoeRt_Shaped:$send, MoeRt_Rows:$rows,
                       MoeRt_Shaped:$init, I64Attr:$step);
  let assemblyFormat = [{
    `(` $send `,` $rows `)` `outs` `(` $init `)` attr-dict
    `:` type($send) `,` type($rows) `,` type($init) (`->` type($results)^)?
  }];
}

def MoeRt_AppendOp : MoeRt_Op<"append", [AttrSizedOperandSegments,
                                         MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Appends to a state that the session keeps";
  let description = [{
    The result is `past` followed by `fresh` along `axis`, in memory of the session
    that has room for more: where `past` is what the session kept from the run
    before, only `fresh` is copied. The result is read-only and, as a buffer,
    strided. What state number `state` becomes is known when the run ends.

    With `positions`, sequences along axis 0 have ends of their own: the new rows
    of sequence `b` begin at `positions[b]`, and the result has `rows` rows. Rows
    that were neither in `past` nor are new are 0.

    ```mlir
    %k = moe_rt.append %i, %past, %new {axis = 2 : i64}
           : tensor<?x4x?x64xf32>, tensor<?x4x?x64xf32> -> tensor<?x4x?x64xf32>
    %k = moe_rt.append %i, %past, %new rows %n at %positions : tensor<?xi64> {axis = 2 : i64}
           : tensor<?x4x?x64xf32>, tensor<?x4x1x64xf32> -> tensor<?x4x?x64xf32>
    ```

    **Constraints:**
    - C1: `past`, `fresh` and the result have the same rank and element type, and
      the same static sizes along all axes but `axis`, which they have.
    - C2: `positions`, of rank 1 and i64, come with `rows` and an axis above 0.

    Trusted, so checked by the program before: `rows` is no less than the rows of
    `past`; a position is from 0 to the rows of `past`, and its new rows end within
    `rows`.
  }];
  let arguments = (ins Index:$state, MoeRt_Shaped:$past, MoeRt_Shaped:$fresh,
                       Optional<Index>:$rows, Optional<MoeRt_Shaped>:$positions,
                       I64Attr:$axis);
  let results = (outs MoeRt_Shaped:$result);
  let assemblyFormat = [{
    $state `,` $past `,` $fresh (`rows` $rows^)?
    (`at` $positions^ `:` type($positions))? attr-dict
    `:` type($past) `,` type($fresh) `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

def MoeRt_CheckOp
    : MoeRt_Op<"check", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Ends the run with a message unless the condition holds";
  let arguments = (ins I1:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict";
}

def MoeRt_LaunchOp
    : MoeRt_Op<"launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Runs a loop body over [0, count) on the rank's threads";
  let description = [{
    Splits `[0, count)` into chunks of `chunk` iterations and runs
    `body(begin, end, captures...)` once for each, in any order and at the same
    time; returns when all are done. `body` is a function without results.

    ```mlir
    moe_rt.launch @body(%count, %chunk, %x) : memref<?xf32>
    ```

    **Constraints:**
    - C1: `body` is a function from (index, index, captures) to nothing.
  }];
  let arguments = (ins FlatSymbolRefAttr:$body, Index:$count, Index:$chunk,
                       Variadic<AnyType>:$captures);
  let assemblyFormat = [{
    $body `(` $count `,` $chunk (`,` $captures^)? `)` attr-dict
    (`:` type($captures)^)?
  }];
}

//===----------------------------------------------------------------------===//
// Layers and profile
//===----------------------------------------------------------------------===//

class MoeRt_EventOp<string mnemonic>
    : MoeRt_Op<mnemonic, [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]>;

def MoeRt_BeginLayerOp : MoeRt_EventOp<"begin_layer"> {
  let summary = "The code of a layer that is called begins";
  let description = [{
    Equal layers share one function, whose exchanges carry the plan steps of the
    first of them. Until `moe_rt.end_layer` the runtime adds `offset` to these
    steps; a profile counts one more layer.

    ```mlir
    moe_rt.begin_layer {offset = 5 : i64}
    %y = call @layer_0(%x, %w)
    moe_rt.end_layer
    ```
  }];
  let arguments = (ins I64Attr:$offset);
  let assemblyFormat = "attr-dict";
}

def MoeRt_EndLayerOp : MoeRt_EventOp<"end_layer"> {
  let summary = "The code of a layer that is called has ended";
  let assemblyFormat = "attr-dict";
}

def MoeRt_ProfilingOp : MoeRt_Op<"profiling", [Pure]> {
  let summary = "Whether this run keeps a profile; the same throughout a run";
  let results = (outs I1:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def MoeRt_MarkOp : MoeRt_EventOp<"mark"> {
  let summary = "A step of the program begins, and the one before it ends";
  let description = [{
    For profiles: `what` is the kernel's name, or the kind of step; `source` the
    node of the model it comes from, of the first of equal layers. `flops` and
    `bytes` are what the step has to compute, and to read and write, at least.

    ```mlir
    %on = moe_rt.profiling : i1
    scf.if %on {
      moe_rt.mark <dense> "gemm" "/lm_head/MatMul"(%flops, %bytes)
    }
    ```
  }];
  let arguments = (ins MoeRt_PhaseAttr:$phase, StrAttr:$what, StrAttr:$source,
                       Index:$flops, Index:$bytes);
  let assemblyFormat = [{
    $phase $what $source `(` $flops `,` $bytes `)` attr-dict
  }];
}

def MoeRt_ThreadsOp : MoeRt_IndexOp<"threads"> {
  let summary = "How many threads the rank has";
}

#endif // MOEC_MOE_RT_TD
