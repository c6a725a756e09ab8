#include "passes/import/Glue.h"

#include "dialect/onnx/Onnx.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace moec;
using namespace moec::onnx;

/// The version of the ONNX operators that we write.
static constexpr int64_t glueOpset = 21;

Value Glue::node(StringRef name, ValueRange inputs, Type type,
                 ArrayRef<NamedAttribute> attributes) {
  OperationState state(loc, ("onnx." + name).str());
  state.addOperands(inputs);
  state.addTypes(type);
  state.addAttributes(attributes);
  state.addAttribute("opset", builder.getI64IntegerAttr(glueOpset));
  return builder.create(state)->getResult(0);
}

Value Glue::constant(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getI64Type());
  return ConstantOp::create(builder, loc, type,
                            DenseElementsAttr::get(type, values));
}

Value Glue::reshape(Value value, ArrayRef<int64_t> sizes) {
  auto source = cast<TensorType>(value.getType());
  SmallVector<int64_t> shape(sizes);
  int64_t rest = source.hasRank() && source.hasStaticShape()
                     ? source.getNumElements()
                     : ShapedType::kDynamic;
  for (int64_t size : sizes)
    if (size > 0 && !ShapedType::isDynamic(rest))
      rest /= size;
  for (int64_t &size : shape)
    size = size == -1 ? rest : size;
  return node("Reshape", {value, constant(sizes)},
              RankedTensorType::get(shape, source.getElementType()));
}

Value Glue::matrix(Value value, int64_t columns) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && type.getRank() == 2)
    return value;
  return reshape(value, {-1, columns});
}

Value Glue::rowsLike(Value matrix, Value like) {
  auto type = cast<RankedTensorType>(matrix.getType());
  auto target = dyn_cast<RankedTensorType>(like.getType());
  int64_t width = type.getDimSize(1);
  if (target && target.getRank() == 2)
    return matrix;
  if (target && target.getNumDynamicDims() <= 1) {
    SmallVector<int64_t> sizes(target.getShape());
    sizes.back() = width;
    for (int64_t &size : sizes)
      size = ShapedType::isDynamic(size) ? -1 : size;
    return reshape(matrix, sizes);
  }
  Type i64 = builder.getI64Type();
  int64_t rank = target ? target.getRank() : ShapedType::kDynamic;
  int64_t lead = target ? rank - 1 : ShapedType::kDynamic;
  Value shape = node("Shape", like, RankedTensorType::get({rank}, i64));
  Value tokens = node("Slice", {shape, constant({0}), constant({-1})},
                      RankedTensorType::get({lead}, i64));
  Value full = node("Concat", {tokens, constant({width})},
                    RankedTensorType::get({rank}, i64),
                    builder.getNamedAttr("axis", builder.getI64IntegerAttr(0)));
  Type result = UnrankedTensorType::get(type.getElementType());
  if (target) {
    SmallVector<int64_t> sizes(target.getShape());
    sizes.back() = width;
    result = RankedTensorType::get(sizes, type.getElementType());
  }
  return node("Reshape", {matrix, full}, result);
}

Value Glue::stack(ArrayRef<Value> values, ArrayRef<int64_t> shape) {
  auto type = mlir::cast<RankedTensorType>(values.front().getType());
  SmallVector<int64_t> sizes{1};
  llvm::append_range(sizes, shape);
  SmallVector<Value> parts;
  for (Value value : values)
    parts.push_back(reshape(value, sizes));
  sizes[0] = values.size();
  return node("Concat", parts, type.clone(sizes),
              builder.getNamedAttr("axis", builder.getI64IntegerAttr(0)));
}

Value Glue::cast(Value value, Type elementType) {
  auto type = mlir::cast<RankedTensorType>(value.getType());
  if (type.getElementType() == elementType)
    return value;
  // TensorProto.DataType
  int64_t to = elementType.isF32()         ? 1
               : elementType.isInteger(32) ? 6
               : elementType.isInteger(64) ? 7
               : elementType.isF16()       ? 10
                                           : 16;
  return node("Cast", value, type.clone(elementType),
              builder.getNamedAttr("to", builder.getI64IntegerAttr(to)));
}

void moec::eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}
