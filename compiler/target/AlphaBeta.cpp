#include "target/Import.h"
#include "target/Json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

using namespace moec;
using namespace moec::target;

namespace {
/// What the numbers of a table count in. Inferred from TACCL's own tables,
/// where alpha is the same time in all of them: the 1MB tables are in us (and
/// us per MB), the others in fractions of a us per chunk of their size.
struct Unit {
  std::string_view suffix;
  double seconds;
  double chunkBytes;
};
constexpr std::array<Unit, 3> units = {
    {{"_1MB", 1e-6, 0x1p20}, {"_32KB", 1e-7, 0x1p15}, {"_1KB", 1e-8, 0x1p10}}};
} // namespace

static Unit unitOf(const JsonValue &root) {
  JsonValue name = root.need("name");
  std::string text = name.string();
  for (const Unit &unit : units)
    if (text.ends_with(unit.suffix))
      return unit;
  name.fail(fmt::format("'{}' does not end in _1MB, _32KB or _1KB, the chunk "
                        "size that sets the unit of alpha and beta",
                        text.substr(0, 40)));
}

static double positive(const JsonValue &value) {
  double number = value.number();
  if (number <= 0 || number > 1e12 || number < 1e-12)
    value.fail("expected a number above 0");
  return number;
}

static ImportedTopology readTable(const JsonValue &root) {
  if (root.find("intranode_sketch"))
    root.fail("this is a communication sketch of TACCL; give the topology "
              "(topo-*.json)");
  root.expectKeys({"name", "gpus_per_node", "nics_per_node", "alpha",
                   "node_betas_list", "node_invbws_list", "remote_invbw",
                   "remote_alpha", "remote_beta"});
  Unit unit = unitOf(root);
  int64_t gpus = root.need("gpus_per_node").integer(1, 1024);
  int64_t nics = root.need("nics_per_node").integer(1, 1024);
  JsonValue betas = root.need("node_betas_list");
  double fastest = 0;
  for (const JsonValue &beta : betas.items("betas")) {
    double bandwidth = unit.chunkBytes / (positive(beta) * unit.seconds);
    fastest = std::max(fastest, bandwidth);
  }
  if (fastest == 0)
    betas.fail("the list is empty; it needs one beta");

  ImportedTopology result;
  plan::Topology &topology = result.topology;
  topology.name = root.need("name").string();
  topology.provenance = "imported from a TACCL alpha-beta table";
  plan::Node node{"node0", 0, 0, 0, 0};
  node.networkBandwidth = static_cast<double>(nics) * unit.chunkBytes /
                          (positive(root.need("remote_beta")) * unit.seconds);
  node.networkLatency = positive(root.need("remote_alpha")) * unit.seconds;
  topology.nodes.push_back(node);
  for (int64_t i = 0; i < gpus; ++i) {
    plan::Device device;
    device.name = fmt::format("gpu{}", i);
    device.kind = "cuda";
    device.portBandwidth = fastest;
    device.portLatency = positive(root.need("alpha")) * unit.seconds;
    topology.devices.push_back(device);
  }
  if (betas.raw().size() > 1)
    result.notes.push_back("links of several speeds: the port of a device has "
                           "the fastest");
  return result;
}

Result<ImportedTopology>
moec::target::importAlphaBeta(const std::string &text,
                              const std::string &file) {
  return guarded([&] {
    JsonDocument document(text, file);
    return readTable(document.root());
  });
}
