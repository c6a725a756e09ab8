//===- Binding.h - Named tensors to memref descriptors and back -----------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SESSION_BINDING_H
#define MOEC_RT_SESSION_BINDING_H

#include "artifact/Manifest.h"
#include "device/cpu/BlockCache.h"
#include "include/moe_rt.h"

#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace moec::rt {

/// Puts named tensors into the order of the model's inputs. What can be looked
/// up once is, since decoders have hundreds of inputs and short runs.
class InputBinder {
public:
  /// `signatures` is borrowed.
  explicit InputBinder(const std::vector<TensorSignature> &signatures);

  /// An input that a session can continue by itself.
  struct KeptInput {
    size_t input = 0;
    size_t axis = 0;            ///< that grows
    std::vector<int64_t> shape; ///< empty: nothing is kept yet
  };

  /// In the order of the signatures; an input of `kept` may be left out. shapes
  /// are copied and belong to the binder until the next call, data stay the
  /// caller's. Throws Error: an unknown name, a tensor given twice or missing,
  /// another type, rank or shape, symbols on which the inputs disagree.
  std::span<const moe_rt_tensor> bind(std::span<const moe_rt_tensor> given,
                                      std::span<const KeptInput> kept = {});

private:
  void checkSymbols() const;
  void continueKept(const KeptInput &kept);
  int64_t sizeOf(size_t input, size_t axis) const;

  const std::vector<TensorSignature> &signatures;
  std::map<std::string_view, size_t> indices; ///< by name
  /// One place of the inputs where a symbol stands.
  struct Use {
    size_t input = 0;
    size_t axis = 0;
  };
  std::vector<std::vector<Use>> symbols; ///< uses of each symbol
  std::vector<moe_rt_tensor> ordered;
  std::vector<bool> given;
  std::vector<std::vector<int64_t>> shapes;
};

/// Memory of the strided memref descriptors of some signatures; see
/// moe_rt_program.h for their layout.
class Descriptors {
public:
  explicit Descriptors(const std::vector<TensorSignature> &signatures);

  /// What an entry function takes.
  void **pointers() { return addresses.data(); }
  /// Contiguous tensors in the order of the signatures.
  void set(std::span<const moe_rt_tensor> tensors);
  void clear();

  void *aligned(size_t index) const;
  int64_t offset(size_t index) const { return words(index)[2]; }
  std::span<const int64_t> sizes(size_t index) const;
  std::span<const int64_t> strides(size_t index) const;

private:
  const int64_t *words(size_t index) const {
    return storage.data() + starts[index];
  }

  std::vector<int64_t> storage;
  std::vector<size_t> starts;
  std::vector<int64_t> ranks;
  std::vector<void *> addresses;
};

/// Output `index` as the program left it, contiguous and independent of the
/// caller's inputs: what is strided or lies in an input is copied to a block of
/// `cache`. Shape and data are borrowed from `outputs`, the program or `cache`.
/// Throws Error if the program broke the signature.
moe_rt_tensor readOutput(const Descriptors &outputs, size_t index,
                         const TensorSignature &signature,
                         std::span<const moe_rt_tensor> inputs,
                         BlockCache &cache);

} // namespace moec::rt

#endif // MOEC_RT_SESSION_BINDING_H
