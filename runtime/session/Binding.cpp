//===- Binding.cpp - Named tensors to memref descriptors and back ---------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "session/Binding.h"

#include "support/Error.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace moec::rt {

namespace {

std::span<const int64_t> shapeOf(const moe_rt_tensor &tensor) {
  return {tensor.shape, static_cast<size_t>(tensor.rank)};
}

int64_t byteCount(const moe_rt_tensor &tensor) {
  int64_t width = bytesOf(tensor.type);
  return elementCount(shapeOf(tensor), width).value_or(0) * width;
}

std::string namesOf(const std::vector<TensorSignature> &signatures) {
  std::string names;
  for (const TensorSignature &signature : signatures)
    names += concat(names.empty() ? "" : ", ", signature.name);
  return names.empty() ? "none" : names;
}

/// Type, shape and data of one input by itself.
void checkInput(const moe_rt_tensor &tensor, const TensorSignature &signature) {
  const std::string &name = signature.name;
  if (tensor.type < 0 || tensor.type >= elementTypeCount)
    fail("input '", name, "' has the unknown type ", int(tensor.type));
  if (tensor.type != signature.type)
    fail("input '", name, "' is ", nameOf(tensor.type), " but the model takes ",
         signature.text());
  std::span<const int64_t> shape = shapeOf(tensor);
  bool fits = shape.size() == signature.shape.size() &&
              std::equal(shape.begin(), shape.end(), signature.shape.begin(),
                         [](int64_t size, int64_t expected) {
                           return expected < 0 || size == expected;
                         });
  if (!fits)
    fail("input '", name, "' has shape ", shapeText(shape),
         " but the model takes ", signature.text());
  int64_t width = bytesOf(tensor.type);
  auto count = elementCount(shape, width);
  if (!count)
    fail("input '", name, "' has the impossible shape ", shapeText(shape));
  if (*count > 0 && !tensor.data)
    fail("input '", name, "' has no data");
  if (reinterpret_cast<uintptr_t>(tensor.data) % width != 0)
    fail("the data of input '", name, "' are not aligned to ", width, " bytes");
}

/// Equal names of sizes are equal sizes.
void checkSymbols(std::span<const moe_rt_tensor> tensors,
                  const std::vector<TensorSignature> &signatures) {
  struct Binding {
    const std::string *input;
    size_t axis;
    int64_t size;
  };
  std::map<std::string_view, Binding> bindings;
  for (size_t i = 0; i < tensors.size(); ++i)
    for (size_t axis = 0; axis < signatures[i].symbols.size(); ++axis) {
      const std::string &symbol = signatures[i].symbols[axis];
      if (!isIdentifier(symbol))
        continue;
      int64_t size = tensors[i].shape[axis];
      auto [first, isNew] = bindings.try_emplace(
          symbol, Binding{&signatures[i].name, axis, size});
      if (const Binding &other = first->second; other.size != size)
        fail("inputs disagree on '", symbol, "': ", *other.input, " axis ",
             other.axis, " is ", other.size, ", ", signatures[i].name, " axis ",
             axis, " is ", size);
    }
}

bool isContiguous(std::span<const int64_t> sizes,
                  std::span<const int64_t> strides) {
  int64_t expected = 1;
  for (size_t axis = sizes.size(); axis-- > 0;) {
    if (sizes[axis] != 1 && strides[axis] != expected)
      return false;
    expected *= sizes[axis];
  }
  return true;
}

/// Copies a strided tensor row-major; all sizes > 0.
void copyStrided(const std::byte *from, std::byte *&to,
                 std::span<const int64_t> sizes,
                 std::span<const int64_t> strides, int64_t width) {
  if (sizes.empty()) {
    std::memcpy(to, from, width);
    to += width;
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i)
    copyStrided(from + i * strides[0] * width, to, sizes.subspan(1),
                strides.subspan(1), width);
}

bool liesIn(const void *data, const moe_rt_tensor &tensor) {
  auto address = reinterpret_cast<uintptr_t>(data);
  auto begin = reinterpret_cast<uintptr_t>(tensor.data);
  return address >= begin && address - begin < uintptr_t(byteCount(tensor));
}

} // namespace

std::vector<moe_rt_tensor>
orderInputs(std::span<const moe_rt_tensor> given,
            const std::vector<TensorSignature> &signatures) {
  std::vector<const moe_rt_tensor *> found(signatures.size());
  for (const moe_rt_tensor &tensor : given) {
    std::string_view name = tensor.name ? tensor.name : "";
    auto signature =
        std::find_if(signatures.begin(), signatures.end(),
                     [&](const auto &other) { return other.name == name; });
    if (signature == signatures.end())
      fail("the model has no input '", name,
           "'; its inputs are: ", namesOf(signatures));
    const moe_rt_tensor *&place = found[signature - signatures.begin()];
    if (place)
      fail("input '", name, "' is given twice");
    checkInput(tensor, *signature);
    place = &tensor;
  }
  std::vector<moe_rt_tensor> ordered;
  for (size_t i = 0; i < signatures.size(); ++i) {
    if (!found[i])
      fail("input '", signatures[i].name, "' (", signatures[i].text(),
           ") is missing");
    ordered.push_back(*found[i]);
  }
  checkSymbols(ordered, signatures);
  return ordered;
}

Descriptors::Descriptors(const std::vector<TensorSignature> &signatures) {
  for (const TensorSignature &signature : signatures) {
    starts.push_back(storage.size());
    ranks.push_back(static_cast<int64_t>(signature.shape.size()));
    storage.resize(storage.size() + 3 + 2 * signature.shape.size());
  }
  for (size_t start : starts)
    addresses.push_back(storage.data() + start);
}

void Descriptors::clear() { std::fill(storage.begin(), storage.end(), 0); }

void Descriptors::set(std::span<const moe_rt_tensor> tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    int64_t *word = storage.data() + starts[i];
    word[0] = word[1] = reinterpret_cast<int64_t>(tensors[i].data);
    word[2] = 0;
    int64_t stride = 1;
    for (int64_t axis = ranks[i]; axis-- > 0;) {
      word[3 + axis] = tensors[i].shape[axis];
      word[3 + ranks[i] + axis] = stride;
      stride *= tensors[i].shape[axis];
    }
  }
}

void *Descriptors::aligned(size_t index) const {
  return reinterpret_cast<void *>(words(index)[1]);
}

std::span<const int64_t> Descriptors::sizes(size_t index) const {
  return {words(index) + 3, static_cast<size_t>(ranks[index])};
}

std::span<const int64_t> Descriptors::strides(size_t index) const {
  return {words(index) + 3 + ranks[index], static_cast<size_t>(ranks[index])};
}

moe_rt_tensor readOutput(const Descriptors &outputs, size_t index,
                         const TensorSignature &signature,
                         std::span<const moe_rt_tensor> inputs,
                         BlockCache &cache) {
  std::span<const int64_t> sizes = outputs.sizes(index);
  int64_t width = bytesOf(signature.type);
  auto count = elementCount(sizes, width);
  for (size_t axis = 0; axis < sizes.size(); ++axis)
    if (!count ||
        (signature.shape[axis] >= 0 && signature.shape[axis] != sizes[axis]))
      fail("the program wrote output '", signature.name, "' with shape ",
           shapeText(sizes), " but the manifest says ", signature.text());
  auto *base = static_cast<const std::byte *>(outputs.aligned(index));
  if (*count > 0 && !base)
    fail("the program wrote no output '", signature.name, "'");
  const std::byte *data = base + outputs.offset(index) * width;
  bool borrowed = std::any_of(
      inputs.begin(), inputs.end(),
      [&](const moe_rt_tensor &input) { return liesIn(data, input); });
  bool contiguous = isContiguous(sizes, outputs.strides(index));
  if (*count > 0 && (borrowed || !contiguous)) {
    auto *copy = static_cast<std::byte *>(cache.allocate(*count * width));
    if (!copy)
      fail("out of memory: output '", signature.name, "' has ", *count * width,
           " bytes");
    std::byte *end = copy;
    if (contiguous)
      std::memcpy(copy, data, *count * width);
    else
      copyStrided(data, end, sizes, outputs.strides(index), width);
    data = copy;
  }
  return {signature.name.c_str(), signature.type,
          static_cast<int64_t>(sizes.size()), sizes.data(), data};
}

} // namespace moec::rt
