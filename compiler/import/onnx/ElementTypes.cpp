#include "import/onnx/ElementTypes.h"

#include "import/onnx/Tensors.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace moec::import;
using moec::onnx::Node;

namespace {
/// What decides the element type of a result.
enum class Rule {
  Input0,
  Input1,
  Input2,
  Bool,
  Int64,
  ToAttribute,    ///< `to`, a TensorProto.DataType
  ValueAttribute, ///< the tensor `value`; f32 without it
  Statistics,     ///< `stash_type`, a TensorProto.DataType; f32 without it
  Float32,
};
} // namespace

static Rule ruleOfFirstResult(StringRef kind) {
  return llvm::StringSwitch<Rule>(kind)
      .Case("Cast", Rule::ToAttribute)
      .Cases({"CastLike", "Where"}, Rule::Input1)
      .Case("OneHot", Rule::Input2)
      .Case("ConstantOfShape", Rule::ValueAttribute)
      .Cases({"Shape", "Size", "NonZero", "ArgMax", "ArgMin"}, Rule::Int64)
      .Cases({"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"},
             Rule::Bool)
      .Cases({"And", "Or", "Xor", "Not", "IsNaN", "IsInf"}, Rule::Bool)
      .Default(Rule::Input0);
}

static Rule ruleOfLaterResult(StringRef kind, unsigned index) {
  if (kind == "TopK")
    return Rule::Int64;
  if (kind == "LayerNormalization" || kind == "SimplifiedLayerNormalization")
    return Rule::Statistics;
  // Mean and inverse deviation are f32; the last result is the residual sum.
  if (kind == "com.microsoft.SkipLayerNormalization" ||
      kind == "com.microsoft.SkipSimplifiedLayerNormalization")
    return index < 3 ? Rule::Float32 : Rule::Input0;
  if (kind == "Attention" && index == 2) // present_value has the type of V
    return Rule::Input2;
  return Rule::Input0;
}

static llvm::Expected<Type> typeOfInput(Node node, unsigned i) {
  if (Value input = node.input(i))
    return getElementTypeOrSelf(input.getType());
  return llvm::createStringError(
      "input " + llvm::Twine(i) +
      " is absent, but its type decides the result's");
}

llvm::Expected<Type> moec::import::resultElementType(Node node,
                                                     unsigned index) {
  MLIRContext *context = node.operation()->getContext();
  Rule rule = index == 0 || node.kind() == "Split"
                  ? ruleOfFirstResult(node.kind())
                  : ruleOfLaterResult(node.kind(), index);
  switch (rule) {
  case Rule::Input0:
    return typeOfInput(node, 0);
  case Rule::Input1:
    return typeOfInput(node, 1);
  case Rule::Input2:
    return typeOfInput(node, 2);
  case Rule::Bool:
    return IntegerType::get(context, 1);
  case Rule::Int64:
    return IntegerType::get(context, 64);
  case Rule::ToAttribute:
    return elementType(node.integer("to", 0), context);
  case Rule::ValueAttribute:
    if (auto value =
            node.operation()->getAttrOfType<DenseElementsAttr>("value"))
      return value.getElementType();
    return Float32Type::get(context);
  case Rule::Statistics:
    return elementType(node.integer("stash_type", ::onnx::TensorProto::FLOAT),
                       context);
  case Rule::Float32:
    return Float32Type::get(context);
  }
  llvm_unreachable("every rule returns");
}
