//===- MoeRtDialect.td - Dialect and attributes of moe_rt ----*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_MOE_RT_DIALECT_TD
#define MOEC_MOE_RT_DIALECT_TD

include "dialect/Region.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def MoeRt_Dialect : Dialect {
  let name = "moe_rt";
  let cppNamespace = "::moec::rt";
  let summary = "The lowered level: what a program asks of the runtime";
  let description = [{
    Everything that a lowered program cannot say with upstream dialects: the
    weights of the artifact, calls of library kernels, exchanges between ranks,
    run-time checks, and loops spread over a rank's threads. Ops are in tensor
    form before bufferization and in memref form after; the names and meanings
    are the same. Types are signless; a bool is one byte.

    Discardable attributes:
    - `moe_rt.noalias` (unit, on an argument of a loop body): the memref shares
      no element with another argument.
  }];
  let useDefaultAttributePrinterParser = 1;
}

def MoeRt_RegionAttr : RegionAttr<MoeRt_Dialect>;

def MoeRt_PackKind : I32EnumAttr<"PackKind", "order of a stored weight", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Panels", 1, "panels">,
    I32EnumAttrCase<"GatedPanels", 2, "gated_panels">]> {
  let cppNamespace = "::moec::rt";
  let genSpecializedAttr = 0;
}

def MoeRt_Fusion : I32EnumAttr<"Fusion", "where gate and up columns lie", [
    I32EnumAttrCase<"Concatenated", 0, "concatenated">,
    I32EnumAttrCase<"Interleaved", 1, "interleaved">,
    I32EnumAttrCase<"Separate", 2, "separate">]> {
  let cppNamespace = "::moec::rt";
  let genSpecializedAttr = 0;
}

def MoeRt_PackAttr : AttrDef<MoeRt_Dialect, "Pack"> {
  let mnemonic = "pack";
  let summary = "How the artifact stores a weight";
  let description = [{
    - `none`: as is.
    - `panels`: raw `[E?, K, N]` (`transposed`: `[E?, N, K]`) becomes
      `[E?, ceil(N/16), K, 16]`; columns past N are zero.
    - `gated_panels`: a raw bank of gate and up projections with I columns each
      becomes `[E, ceil(I/8), K, 16]`: 8 gate columns, then the 8 up columns of
      the same block; columns past I are zero. Panels of bf16 hold two rows k
      side by side, `[k/2][16][k%2]`, with zeros to K = 32 n. Fusion `concatenated`: the raw
      columns are all gates, then all ups; `interleaved`: gate 0, up 0, gate 1,
      ...; `separate`: two raw banks with I columns each.

    ```mlir
    #moe_rt.pack<none>
    #moe_rt.pack<panels, transposed>
    #moe_rt.pack<gated_panels, interleaved, transposed>
    ```

    **Constraints:**
    - C1: a fusion is given with `gated_panels` and only there.
    - C2: `none` is not `transposed`.
  }];
  let parameters = (ins "PackKind":$kind, "bool":$transposed,
                        "std::optional<Fusion>":$fusion);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def MoeRt_Phase : I32EnumAttr<"Phase", "part of a layer, for profiles", [
    I32EnumAttrCase<"Route", 0, "route">,
    I32EnumAttrCase<"Dispatch", 1, "dispatch">,
    I32EnumAttrCase<"Experts", 2, "experts">,
    I32EnumAttrCase<"Combine", 3, "combine">,
    I32EnumAttrCase<"Attention", 4, "attention">,
    I32EnumAttrCase<"Dense", 5, "dense">,
    I32EnumAttrCase<"Elementwise", 6, "elementwise">,
    I32EnumAttrCase<"Exchange", 7, "exchange">]> {
  let cppNamespace = "::moec::rt";
  let genSpecializedAttr = 0;
}

/// Also the metadata of fused locations; see passes/lower/Phases.h.
def MoeRt_PhaseAttr : EnumAttr<MoeRt_Dialect, MoeRt_Phase, "phase"> {
  let assemblyFormat = "`<` $value `>`";
}

def MoeRt_RegionsAttr
    : TypedArrayAttrBase<MoeRt_RegionAttr, "array of regions">;

#endif // MOEC_MOE_RT_DIALECT_TD
