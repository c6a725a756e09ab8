//===- OneDnnLoop.h - The experts of a layer as a loop over oneDNN --------===//
//
// Part of moec. What somebody would write who has oneDNN and no compiler: rows
// that lie by expert, three products an expert with weights packed ahead in the
// layout that oneDNN asks for, the activation in their post-operations, which
// are timed alone.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_BENCH_CPU_ONEDNNLOOP_H
#define MOEC_TEST_BENCH_CPU_ONEDNNLOOP_H

#include <dnnl.hpp>

#include <map>
#include <vector>

namespace moec::bench {

struct Layer {
  int64_t hidden = 0, inter = 0;
  dnnl::memory::data_type type = dnnl::memory::data_type::f32;
  std::vector<int64_t> counts; ///< rows of each expert
};

/// One thread's share of the work: whole experts. Primitives and scratch memory
/// are its own, weights and rows are shared.
class Worker {
public:
  /// Packs the weights of `experts`, for products of `packedFor` rows.
  Worker(const Layer &layer, std::vector<int64_t> experts, int64_t packedFor);

  /// y[e] = (silu(x[e] Wg) * (x[e] Wu)) Wd for each of its experts.
  void run();

private:
  struct Product {
    dnnl::matmul primitive;
    dnnl::memory scratch;
  };
  struct Expert {
    int64_t rows;
    dnnl::memory gate, up, down;      // weights
    dnnl::memory x, gated, hidden, y; // rows
  };

  Expert makeExpert(int64_t rows, int64_t packedFor);
  dnnl::memory packedWeight(int64_t k, int64_t n, int64_t rows);
  Product &product(int64_t rows, int64_t k, int64_t n, const char *kind,
                   const dnnl::memory &weight);

  Layer layer;
  dnnl::engine engine;
  dnnl::stream stream;
  std::vector<Expert> experts;
  std::map<std::pair<int64_t, const char *>, Product> products;
};

} // namespace moec::bench

#endif // MOEC_TEST_BENCH_CPU_ONEDNNLOOP_H
