#include "passes/lower/kernels/KernelTable.h"

using namespace moec::kernels;

const Kernel *moec::kernels::findKernel(llvm::StringRef name) {
  static const std::vector<std::string> weights = {"f32", "bf16", "f16"};
  static const std::vector<std::string> numbers = {"f32", "bf16", "f16", "f64",
                                                   "i8",  "i16",  "i32", "i64"};
  static const std::vector<std::string> sums = {"f32", "f64", "i32", "i64"};
  static const std::vector<std::string> flag = {"0", "1"};
  static const Setting activation = {
      "activation",
      "identity",
      {"identity", "relu", "relu2", "gelu_tanh", "gelu_erf", "silu"}};
  static const Setting alpha = {"alpha", "1.0", {}};
  static const Setting beta = {"beta", "0.0", {}};
  static const Setting limit = {"limit", "none", {}};
  static const std::vector<Kernel> kernels = {
      {"attention", 7, {}, {}},
      {"batch_matmul", 3, {}, {}},
      {"batch_matmul_nt", 3, {}, {}},
      {"combine", 4, {}, {}},
      {"cumsum",
       2,
       {{0, sums}},
       {{"exclusive", "0", flag}, {"reverse", "0", flag}}},
      {"dispatch", 4, {}, {}},
      {"expert_gated", 7, {{3, weights}}, {activation, alpha, beta, limit}},
      {"expert_gemm", 7, {{3, weights}}, {activation, alpha}},
      {"gather_rows", 3, {{0, numbers}}, {}},
      {"gemm", 3, {{1, weights}}, {}},
      {"layer_norm", 5, {}, {}},
      {"nonzero_count", 2, {{0, numbers}}, {}},
      {"nonzero_fill", 2, {{0, numbers}}, {}},
      {"place_rows", 4, {{0, numbers}}, {}},
      {"rms_norm", 4, {}, {}},
      {"row_softmax", 2, {}, {}},
      {"topk",
       3,
       {{0, numbers}},
       {{"largest", "1", flag}, {"sorted", "1", flag}}},
  };
  for (const Kernel &kernel : kernels)
    if (kernel.name == name)
      return &kernel;
  return nullptr;
}
