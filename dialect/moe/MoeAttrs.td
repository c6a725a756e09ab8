//===- MoeAttrs.td - Attributes of the moe dialect ------------*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_MOE_ATTRS_TD
#define MOEC_MOE_ATTRS_TD

include "dialect/Region.td"
include "mlir/IR/AttrTypeBase.td"
include "dialect/moe/MoeEnums.td"

def Moe_ScoreAttr : EnumAttr<Moe_Dialect, Moe_Score, "score"> {
  let assemblyFormat = "`<` $value `>`";
}
def Moe_NormalizeAttr : EnumAttr<Moe_Dialect, Moe_Normalize, "normalize"> {
  let assemblyFormat = "`<` $value `>`";
}
def Moe_GroupScoreAttr : EnumAttr<Moe_Dialect, Moe_GroupScore, "group_score"> {
  let assemblyFormat = "`<` $value `>`";
}
def Moe_TieAttr : EnumAttr<Moe_Dialect, Moe_Tie, "tie"> {
  let assemblyFormat = "`<` $value `>`";
}
def Moe_ActivationAttr : EnumAttr<Moe_Dialect, Moe_Activation, "activation"> {
  let assemblyFormat = "`<` $value `>`";
}
def Moe_FusionAttr : EnumAttr<Moe_Dialect, Moe_Fusion, "fusion"> {
  let assemblyFormat = "`<` $value `>`";
}
def Moe_LayoutAttr : EnumAttr<Moe_Dialect, Moe_Layout, "layout"> {
  let assemblyFormat = "`<` $value `>`";
}

def Moe_RegionAttr : RegionAttr<Moe_Dialect>;

def Moe_RegionArrayAttr
    : TypedArrayAttrBase<Moe_RegionAttr, "array of byte regions">;

#endif // MOEC_MOE_ATTRS_TD
