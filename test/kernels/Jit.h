//===- Jit.h - Runs library kernels in the test process -------------------===//
//
// Part of moec. Links a kernel into a program of one call, lowers it with the
// compiler's own passes and runs it in this process on arrays.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_KERNELS_JIT_H
#define MOEC_TEST_KERNELS_JIT_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace moec::kernels::test {

/// bf16 and f16 as their bits.
struct BF16 {
  uint16_t bits;
};
struct F16 {
  uint16_t bits;
};

/// Element types as MLIR spells them.
template <typename T> const char *mlirType();

/// An operand: a contiguous array or a scalar.
struct Operand {
  /// "memref<?x?xf32>".
  std::string type;
  /// The words of a memref descriptor.
  std::vector<int64_t> descriptor;
  /// False: a scalar of this type, the one element that the descriptor names.
  bool isMemref = true;
};

/// A contiguous array of any rank that owns its elements.
template <typename T> struct Array {
  std::vector<int64_t> sizes;
  std::vector<T> data;

  explicit Array(std::vector<int64_t> sizes, T value = T())
      : sizes(std::move(sizes)) {
    int64_t count = 1;
    for (int64_t size : this->sizes)
      count *= size;
    data.assign(count, value);
  }
  T &operator[](int64_t i) { return data[i]; }
  const T &operator[](int64_t i) const { return data[i]; }
  operator Operand() {
    Operand operand{"memref<", {}};
    auto pointer = reinterpret_cast<int64_t>(data.data());
    operand.descriptor = {pointer, pointer, 0};
    for (int64_t size : sizes) {
      operand.type += "?x";
      operand.descriptor.push_back(size);
    }
    operand.type += std::string(mlirType<T>()) + ">";
    int64_t stride = static_cast<int64_t>(data.size());
    for (int64_t size : sizes)
      operand.descriptor.push_back(stride = size ? stride / size : 0);
    return operand;
  }
};

/// The first element of `array` as a scalar operand.
template <typename T> Operand scalar(Array<T> &array) {
  Operand operand = array;
  operand.type = mlirType<T>();
  operand.isMemref = false;
  return operand;
}

/// Kernels compiled so far, by name, attributes and operand types.
class Jit {
public:
  /// `isa`: the value of `moe_rt.isa`.
  explicit Jit(std::string isa = "x86-64-v3", unsigned threads = 1);
  ~Jit();

  /// Calls kernel `name` on operands (ins, then outs). `attributes` is MLIR
  /// text ("{activation = \"silu\"}"). Throws std::runtime_error with the
  /// diagnostic if the kernel cannot be built.
  void call(const std::string &name, const std::string &attributes,
            std::vector<Operand> operands);

private:
  struct State;
  std::unique_ptr<State> state;
};

/// The one of this process, for x86-64-v3. Lives for ever: LLVM's own globals
/// may be gone before ours would be.
Jit &sharedJit();

} // namespace moec::kernels::test

#endif // MOEC_TEST_KERNELS_JIT_H
