//===- MoeEnums.td - Enumerations of the moe dialect ----------*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_MOE_ENUMS_TD
#define MOEC_MOE_ENUMS_TD

include "mlir/IR/EnumAttr.td"
include "dialect/moe/MoeDialect.td"

class Moe_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::moec::moe";
  let genSpecializedAttr = 0;
}

def Moe_Score : Moe_Enum<"Score", "What turns logits into selection scores", [
  I32EnumAttrCase<"Identity", 0, "identity">,
  I32EnumAttrCase<"Softmax", 1, "softmax">,
  I32EnumAttrCase<"Sigmoid", 2, "sigmoid">,
  I32EnumAttrCase<"SqrtSoftplus", 3, "sqrt_softplus">]>;

def Moe_Normalize : Moe_Enum<"Normalize", "How the k weights of a token are normalised", [
  I32EnumAttrCase<"None", 0, "none">,
  I32EnumAttrCase<"Sum", 1, "sum">,
  I32EnumAttrCase<"Softmax", 2, "softmax">]>;

def Moe_GroupScore : Moe_Enum<"GroupScore", "The score of a group of experts", [
  I32EnumAttrCase<"Max", 0, "max">,
  I32EnumAttrCase<"Top2Sum", 1, "top2_sum">]>;

def Moe_Tie : Moe_Enum<"Tie", "Which of two experts with equal scores comes first", [
  I32EnumAttrCase<"Low", 0, "low">,
  I32EnumAttrCase<"High", 1, "high">]>;

def Moe_Activation : Moe_Enum<"Activation", "The activation of an expert", [
  I32EnumAttrCase<"Identity", 0, "identity">,
  I32EnumAttrCase<"Relu", 1, "relu">,
  I32EnumAttrCase<"Relu2", 2, "relu2">,
  I32EnumAttrCase<"GeluTanh", 3, "gelu_tanh">,
  I32EnumAttrCase<"GeluErf", 4, "gelu_erf">,
  I32EnumAttrCase<"Silu", 5, "silu">]>;

def Moe_Fusion : Moe_Enum<"Fusion", "Where the gate and up projections lie", [
  I32EnumAttrCase<"None", 0, "none">,
  I32EnumAttrCase<"Separate", 1, "separate">,
  I32EnumAttrCase<"Concatenated", 2, "concatenated">,
  I32EnumAttrCase<"Interleaved", 3, "interleaved">]>;

def Moe_Layout : Moe_Enum<"Layout", "The order of an expert matrix's two axes", [
  I32EnumAttrCase<"OutIn", 0, "out_in">,
  I32EnumAttrCase<"InOut", 1, "in_out">]>;

def Moe_DeviceKind : Moe_Enum<"DeviceKind", "What a device is", [
  I32EnumAttrCase<"Cpu", 0, "cpu">,
  I32EnumAttrCase<"Cuda", 1, "cuda">]>;

#endif // MOEC_MOE_ENUMS_TD
