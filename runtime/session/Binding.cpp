//===- Binding.cpp - Named tensors to memref descriptors and back ---------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "session/Binding.h"

#include "session/StateStore.h"
#include "support/Error.h"

#include <algorithm>
#include <cstring>

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
  // C passes any int; loading it as an enum would be undefined.
  int type = 0;
  static_assert(sizeof(type) == sizeof(tensor.type));
  std::memcpy(&type, &tensor.type, sizeof(type));
  if (type < 0 || type >= elementTypeCount)
    fail("input '", name, "' has the unknown type ", type);
  if (tensor.type != signature.type)
    fail("input '", name, "' is ", nameOf(tensor.type), " but the model takes ",
         signature.text());
  if (tensor.rank < 0 || (tensor.rank > 0 && !tensor.shape))
    fail("input '", name, "' has no shape");
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

InputBinder::InputBinder(const std::vector<TensorSignature> &signatures)
    : signatures(signatures), ordered(signatures.size()),
      given(signatures.size()), shapes(signatures.size()) {
  std::map<std::string_view, size_t> ids;
  for (size_t input = 0; input < signatures.size(); ++input) {
    const TensorSignature &signature = signatures[input];
    indices.emplace(signature.name, input);
    for (size_t axis = 0; axis < signature.symbols.size(); ++axis) {
      const std::string &symbol = signature.symbols[axis];
      if (!isIdentifier(symbol))
        continue;
      size_t id = ids.try_emplace(symbol, ids.size()).first->second;
      symbols.resize(ids.size());
      symbols[id].push_back({input, axis});
    }
  }
}

/// Equal symbols are equal sizes.
void InputBinder::checkSymbols() const {
  for (const std::vector<Use> &uses : symbols) {
    auto [input, axis] = uses.front();
    int64_t size = shapes[input][axis];
    for (auto [other, otherAxis] : uses)
      if (shapes[other][otherAxis] != size)
        fail("inputs disagree on '", signatures[input].symbols[axis],
             "': ", signatures[input].name, " axis ", axis, " is ", size, ", ",
             signatures[other].name, " axis ", otherAxis, " is ",
             shapes[other][otherAxis]);
  }
}

/// The size of an axis of an input that is not given: what is fixed, or that of
/// its symbol elsewhere; -1: not known.
int64_t InputBinder::sizeOf(size_t input, size_t axis) const {
  if (signatures[input].shape[axis] >= 0)
    return signatures[input].shape[axis];
  for (const std::vector<Use> &uses : symbols) {
    bool isMine = std::any_of(uses.begin(), uses.end(), [&](const Use &use) {
      return use.input == input && use.axis == axis;
    });
    for (const Use &use : uses)
      if (isMine && given[use.input])
        return shapes[use.input][use.axis];
  }
  return -1;
}

/// An input that is not given becomes what the session keeps of it: nothing, at
/// first. It stays missing where its other sizes are not known.
void InputBinder::continueKept(const KeptInput &kept) {
  const TensorSignature &signature = signatures[kept.input];
  std::vector<int64_t> &shape = shapes[kept.input];
  shape.assign(kept.shape.begin(), kept.shape.end());
  for (size_t axis = 0; kept.shape.empty() && axis < signature.shape.size();
       ++axis) {
    int64_t size = axis == kept.axis ? 0 : sizeOf(kept.input, axis);
    if (size < 0)
      return;
    shape.push_back(size);
  }
  given[kept.input] = true;
  ordered[kept.input] = {signature.name.c_str(), signature.type,
                         static_cast<int64_t>(shape.size()), shape.data(),
                         StateStore::kept()};
}

std::span<const moe_rt_tensor>
InputBinder::bind(std::span<const moe_rt_tensor> tensors,
                  std::span<const KeptInput> kept) {
  given.assign(given.size(), false);
  for (const moe_rt_tensor &tensor : tensors) {
    std::string_view name = tensor.name ? tensor.name : "";
    auto found = indices.find(name);
    if (found == indices.end())
      fail("the model has no input '", name,
           "'; its inputs are: ", namesOf(signatures));
    size_t index = found->second;
    if (given[index])
      fail("input '", name, "' is given twice");
    checkInput(tensor, signatures[index]);
    given[index] = true;
    // A copy: it may be the shape of an output, which the run writes anew.
    shapes[index].assign(tensor.shape, tensor.shape + tensor.rank);
    ordered[index] = tensor;
    ordered[index].shape = shapes[index].data();
  }
  for (const KeptInput &input : kept)
    if (!given[input.input])
      continueKept(input);
  for (size_t i = 0; i < signatures.size(); ++i)
    if (!given[i])
      fail("input '", signatures[i].name, "' (", signatures[i].text(),
           ") is missing");
  checkSymbols();
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
