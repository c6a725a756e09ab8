#include "OneDnnLoop.h"

#include <cstring>

using namespace moec::bench;
using dnnl::memory;

namespace {

constexpr char gateKind[] = "gate", upKind[] = "up", downKind[] = "down";

memory::desc plain(memory::data_type type, int64_t rows, int64_t columns) {
  return {{rows, columns}, type, memory::format_tag::ab};
}

/// x [rows, k] times weights [k, n]: gate with silu, up times the gate's
/// result.
dnnl::matmul::primitive_desc describe(const dnnl::engine &engine,
                                      memory::data_type type, int64_t rows,
                                      int64_t k, int64_t n, const char *kind,
                                      const memory::desc &weights) {
  dnnl::post_ops after;
  memory::desc out = plain(type, rows, n);
#if DNNL_VERSION_MAJOR >= 3
  if (kind == gateKind)
    after.append_eltwise(dnnl::algorithm::eltwise_swish, 1, 0);
#else
  if (kind == gateKind)
    after.append_eltwise(1, dnnl::algorithm::eltwise_swish, 1, 0);
#endif
  if (kind == upKind)
    after.append_binary(dnnl::algorithm::binary_mul, out);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return {engine, plain(type, rows, k), weights, out, attributes};
#else
  return {{plain(type, rows, k), weights, out}, attributes, engine};
#endif
}

/// Memory whose every byte has been written: small numbers in either type.
memory filled(const memory::desc &desc, const dnnl::engine &engine) {
  memory result(desc, engine);
  std::memset(result.get_data_handle(), 0x3c, desc.get_size());
  return result;
}

} // namespace

Worker::Worker(const Layer &layer, std::vector<int64_t> own, int64_t packedFor)
    : layer(layer), engine(dnnl::engine::kind::cpu, 0), stream(engine) {
  for (int64_t expert : own)
    experts.push_back(makeExpert(layer.counts[expert], packedFor));
  for (Expert &expert : experts) { // primitives are made before they are timed
    product(expert.rows, layer.hidden, layer.inter, gateKind, expert.gate);
    product(expert.rows, layer.hidden, layer.inter, upKind, expert.up);
    product(expert.rows, layer.inter, layer.hidden, downKind, expert.down);
  }
}

Worker::Expert Worker::makeExpert(int64_t rows, int64_t packedFor) {
  auto rowsOf = [&](int64_t columns) {
    return filled(plain(layer.type, rows, columns), engine);
  };
  return {rows,
          packedWeight(layer.hidden, layer.inter, packedFor),
          packedWeight(layer.hidden, layer.inter, packedFor),
          packedWeight(layer.inter, layer.hidden, packedFor),
          rowsOf(layer.hidden),
          rowsOf(layer.inter),
          rowsOf(layer.inter),
          rowsOf(layer.hidden)};
}

/// In the layout that oneDNN chooses for products of `rows` rows.
memory Worker::packedWeight(int64_t k, int64_t n, int64_t rows) {
  memory::desc any({k, n}, layer.type, memory::format_tag::any);
  auto chosen = describe(engine, layer.type, rows, k, n, "plain", any);
  return filled(chosen.weights_desc(), engine);
}

Worker::Product &Worker::product(int64_t rows, int64_t k, int64_t n,
                                 const char *kind, const memory &weight) {
  auto found = products.find({rows, kind});
  if (found != products.end())
    return found->second;
  auto made = describe(engine, layer.type, rows, k, n, kind, weight.get_desc());
  return products
      .emplace(
          std::pair(rows, kind),
          Product{dnnl::matmul(made), memory(made.scratchpad_desc(), engine)})
      .first->second;
}

void Worker::run() {
  for (Expert &e : experts) {
    auto multiply = [&](const char *kind, memory &in, memory &weight,
                        memory &out) {
      Product &p = products.at({e.rows, kind});
      p.primitive.execute(
          stream,
          {{DNNL_ARG_SRC, in},
           {DNNL_ARG_WEIGHTS, weight},
           {DNNL_ARG_DST, out},
           {DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, e.gated},
           {DNNL_ARG_SCRATCHPAD, p.scratch}});
    };
    multiply(gateKind, e.x, e.gate, e.gated);
    multiply(upKind, e.x, e.up, e.hidden);
    multiply(downKind, e.hidden, e.down, e.y);
  }
  stream.wait();
}
