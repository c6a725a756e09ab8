#include "import/onnx/ValueTypes.h"

#include "import/onnx/Tensors.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moec::import;
using llvm::Twine;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

Attribute ValueTypes::convertDim(const ::onnx::TensorShapeProto_Dimension &dim,
                                 Twine otherwise) {
  Builder builder(context);
  if (dim.has_dim_value())
    return builder.getI64IntegerAttr(dim.dim_value());
  // Some exporters write a fixed size as text.
  int64_t size;
  if (!StringRef(dim.dim_param()).getAsInteger(10, size))
    return builder.getI64IntegerAttr(size);
  std::string name =
      dim.dim_param().empty() ? otherwise.str() : dim.dim_param();
  names.insert(name);
  if (auto given = options.dims.find(name); given != options.dims.end())
    return builder.getI64IntegerAttr(given->second);
  return builder.getStringAttr(name);
}

llvm::Expected<DeclaredType>
ValueTypes::convert(const ::onnx::ValueInfoProto &value) {
  if (!value.has_type() ||
      value.type().value_case() == ::onnx::TypeProto::VALUE_NOT_SET)
    return DeclaredType();
  if (!value.type().has_tensor_type())
    return fail("it is a sequence, map, optional or sparse tensor; only dense "
                "tensors are supported");
  const ::onnx::TypeProto::Tensor &tensor = value.type().tensor_type();
  if (tensor.elem_type() == ::onnx::TensorProto::UNDEFINED)
    return DeclaredType();
  llvm::Expected<Type> element = elementType(tensor.elem_type(), context);
  if (!element)
    return element.takeError();
  if (!tensor.has_shape())
    return DeclaredType{UnrankedTensorType::get(*element), {}};

  SmallVector<Attribute> dims;
  SmallVector<int64_t> shape;
  int64_t elements = 1;
  for (const auto &[axis, dim] : llvm::enumerate(tensor.shape().dim())) {
    dims.push_back(convertDim(dim, value.name() + ":" + Twine(axis)));
    auto fixed = dyn_cast<IntegerAttr>(dims.back());
    shape.push_back(fixed ? fixed.getInt() : ShapedType::kDynamic);
    if (fixed && fixed.getInt() < 0)
      return fail("its size on axis " + Twine(axis) + " is " +
                  Twine(fixed.getInt()) +
                  "; a dynamic size is written as a name (dim_param)");
    if (fixed && llvm::MulOverflow(elements, fixed.getInt(), elements))
      return fail("its number of elements does not fit 63 bits");
  }
  return DeclaredType{RankedTensorType::get(shape, *element),
                      ArrayAttr::get(context, dims)};
}

llvm::Error ValueTypes::checkSizes() const {
  for (const auto &[name, size] : options.dims)
    if (size < 0)
      return fail("dimension '" + Twine(name) + "' is given the size " +
                  Twine(size) + "; it must not be negative");
  return llvm::Error::success();
}

llvm::Error ValueTypes::checkNames() const {
  for (const auto &[name, size] : options.dims)
    if (!names.contains(name))
      return fail("the model has no dimension '" + Twine(name) +
                  "'; its dimensions are: " +
                  (names.empty() ? "none" : llvm::join(names, ", ")));
  return llvm::Error::success();
}
