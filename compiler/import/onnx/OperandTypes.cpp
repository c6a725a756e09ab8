#include "import/onnx/OperandTypes.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using llvm::Twine;
using moec::onnx::Node;

namespace {
enum class Wanted { LikeInput, Bool, Integer, Float };

/// What inputs `first` to `last` of some operators must be.
struct Rule {
  Wanted wanted;
  unsigned first, last;
  StringRef kinds;   ///< separated by spaces
  unsigned like = 0; ///< the input with the same type, for LikeInput
};
} // namespace

static constexpr unsigned open = ~0u; // any number of inputs

static const Rule rules[] = {
    {Wanted::LikeInput, 1, open,
     "Add And Clip Concat Conv Div Equal Gemm Greater GreaterOrEqual Less "
     "LessOrEqual MatMul Max Mean Min Mod Mul Or Range Sub Sum Xor "
     "com.microsoft.FusedMatMul"},
    {Wanted::LikeInput, 2, 2, "ScatterElements ScatterND"},
    {Wanted::LikeInput, 2, 2, "Where", 1},
    {Wanted::Bool, 0, 1, "And Or Xor"},
    {Wanted::Bool, 0, 0, "Not Where"},
    {Wanted::Integer, 0, 0, "ConstantOfShape"},
    {Wanted::Integer, 1, 1,
     "CumSum Expand Gather GatherElements GatherND ReduceL1 ReduceL2 "
     "ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd "
     "ReduceSum ReduceSumSquare Reshape ScatterElements ScatterND Split "
     "Squeeze Tile TopK Trilu Unsqueeze"},
    {Wanted::Integer, 1, 4, "Slice"},
    {Wanted::Float, 0, 0,
     "Ceil Conv Cos Erf Exp Floor Gelu IsNaN Log Reciprocal ReduceLogSum "
     "ReduceLogSumExp Round Sigmoid Sin "
     "Softmax Softplus Sqrt Swish Tanh com.microsoft.Gelu "
     "com.microsoft.QuickGelu"},
};

/// The rules by operator.
static const llvm::StringMap<SmallVector<const Rule *, 2>> &table() {
  static const auto table = [] {
    llvm::StringMap<SmallVector<const Rule *, 2>> result;
    for (const Rule &rule : rules)
      for (StringRef kind : llvm::split(rule.kinds, ' '))
        result[kind].push_back(&rule);
    return result;
  }();
  return table;
}

static Type elementOf(Node node, unsigned i) {
  Value value = node.input(i);
  auto tensor = value ? dyn_cast<TensorType>(value.getType()) : TensorType();
  return tensor ? tensor.getElementType() : Type();
}

static std::string text(Type type) {
  std::string result;
  llvm::raw_string_ostream(result) << type;
  return result;
}

static llvm::Error check(Node node, const Rule &rule, unsigned i, Type type) {
  auto fail = [&](StringRef expected) {
    return llvm::createStringError("input " + Twine(i) + " has elements of " +
                                   text(type) + "; expected " + expected);
  };
  switch (rule.wanted) {
  case Wanted::LikeInput: {
    Type like = elementOf(node, rule.like);
    if (like && type != like)
      return fail(text(like) + ", as input " + std::to_string(rule.like) +
                  " has");
    break;
  }
  case Wanted::Bool:
    if (!type.isInteger(1))
      return fail("bool");
    break;
  case Wanted::Integer:
    if (!isa<IntegerType>(type) || type.isInteger(1))
      return fail("integers");
    break;
  case Wanted::Float:
    if (!isa<FloatType>(type))
      return fail("floating-point numbers");
    break;
  }
  return llvm::Error::success();
}

llvm::Error moec::import::checkOperandTypes(Node node) {
  for (const Rule *rule : table().lookup(node.kind()))
    for (unsigned i = rule->first; i < node.inputs() && i <= rule->last; ++i)
      if (Type type = elementOf(node, i))
        if (llvm::Error error = check(node, *rule, i, type))
          return error;
  return llvm::Error::success();
}
