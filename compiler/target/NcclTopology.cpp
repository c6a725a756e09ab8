#include "target/Import.h"
#include "target/Xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

using namespace moec;
using namespace moec::target;

/// Bytes/s of a PCI link by NCCL's rule (src/graph/topo.cc): rate per lane in
/// units of 100 Mb/s by the leading number of GT/s, width 0 means 16 lanes,
/// GB/s = width * rate / 80. An unknown speed counts as 8 GT/s.
static double pciBandwidth(const XmlElement &pci) {
  static const std::array<std::pair<double, double>, 6> laneRates = {
      {{2.5, 15}, {5, 30}, {8, 60}, {16, 120}, {32, 240}, {64, 480}}};
  double speed = std::atof(pci.attribute("link_speed").c_str());
  double rate = 60;
  for (const auto &[gigatransfers, value] : laneRates)
    if (speed == gigatransfers)
      rate = value;
  double width = pci.number("link_width", 0);
  return (width > 0 ? width : 16) * rate / 80 * 1e9;
}

/// Bytes/s of one NVLink in one direction by compute capability, as NCCL's
/// src/graph/topo.h has them; 0 when it does not know the GPU.
static double nvlinkBandwidth(double computeCapability) {
  static const std::map<double, double> gigabytes = {
      {60, 18}, {70, 20}, {80, 20}, {86, 12}, {90, 20.6}, {100, 40.1}};
  auto above = gigabytes.upper_bound(computeCapability);
  return above == gigabytes.begin() ? 0 : std::prev(above)->second * 1e9;
}

namespace {
class NcclImporter {
public:
  ImportedTopology run(const XmlElement &root) {
    if (root.name() == "graphs")
      root.fail("this is the result of NCCL's graph search, not a topology; "
                "give the file of NCCL_TOPO_DUMP_FILE");
    if (root.name() != "system")
      root.fail(fmt::format("root element '{}'; a NCCL topology has 'system'",
                            root.name().substr(0, 40)));
    for (const XmlElement &cpu : root.children())
      if (cpu.name() == "cpu")
        visit(cpu, hostOf(cpu), 0, 0);
    if (devicesOf.empty())
      root.fail(classless
                    ? "no GPU found: its pci elements have no class, so a GPU "
                      "cannot be told from a network card; dump the topology "
                      "on the machine with NCCL_TOPO_DUMP_FILE"
                    : "no GPU found: the file names neither a pci element of "
                      "class 0x03 nor a gpu element");
    finish(root);
    return std::move(result);
  }

private:
  /// Hosts are told apart by host_hash; without one there is a single host.
  int64_t hostOf(const XmlElement &cpu) {
    auto [it, added] = hosts.emplace(cpu.attribute("host_hash"), hosts.size());
    if (added)
      result.topology.nodes.push_back(
          {fmt::format("node{}", it->second), 0, 0, 0, 0});
    return static_cast<int64_t>(it->second);
  }

  /// `bandwidth`: the narrowest PCI link from the root to here, 0 = none yet.
  void visit(const XmlElement &parent, int64_t host, double bandwidth,
             int depth) {
    for (const XmlElement &child : parent.children()) {
      if (depth > 64)
        child.fail("pci elements are nested more than 64 deep");
      if (child.name() == "nic")
        addNetwork(child, host, bandwidth);
      if (child.name() != "pci")
        continue;
      double own = pciBandwidth(child);
      double narrowest = bandwidth > 0 ? std::min(bandwidth, own) : own;
      std::string kind = child.attribute("class");
      classless |= kind.empty();
      const XmlElement *gpu = nullptr;
      bool hasNic = false;
      std::vector<XmlElement> inner = child.children();
      for (const XmlElement &element : inner) {
        gpu = element.name() == "gpu" ? &element : gpu;
        hasNic |= element.name() == "nic";
      }
      if (kind.starts_with("0x03") || gpu)
        addGpu(child, gpu, host, narrowest);
      else if (kind.starts_with("0x02") && !hasNic)
        addCard(host, narrowest);
      visit(child, host, narrowest, depth + 1);
    }
  }

  void addGpu(const XmlElement &pci, const XmlElement *gpu, int64_t host,
              double bandwidth) {
    plan::Device device;
    device.kind = "cuda";
    device.node = host;
    device.name = pci.attribute("busid");
    if (device.name.empty() || !names.insert(device.name).second)
      pci.fail("a GPU needs a bus id of its own", "busid");
    double nvlink = gpu ? sumNvlinks(*gpu, device.name) : 0;
    overNvlink += nvlink > 0;
    device.portBandwidth = nvlink > 0 ? nvlink : bandwidth;
    devicesOf[host].push_back(device);
  }

  double sumNvlinks(const XmlElement &gpu, const std::string &busid) {
    double sum = 0;
    for (const XmlElement &link : gpu.children()) {
      if (link.name() != "nvlink")
        continue;
      if (link.attribute("target") == busid) {
        selfLinks = true;
        continue;
      }
      sum += link.number("count", 1) * nvlinkBandwidth(gpu.number("sm", 0));
    }
    return sum;
  }

  /// A network card with its ports: speed in Mb/s, none given means 10 Gb/s.
  void addNetwork(const XmlElement &nic, int64_t host, double pciLimit) {
    double speed = 0;
    for (const XmlElement &net : nic.children())
      if (net.name() == "net") {
        double megabits = net.number("speed", 0);
        speed += (megabits > 0 ? megabits : 10000) * 1e6 / 8;
      }
    if (speed > 0)
      network(host) += pciLimit > 0 ? std::min(speed, pciLimit) : speed;
  }
  /// A network card of which only the PCI link is known.
  void addCard(int64_t host, double bandwidth) {
    network(host) += bandwidth;
    pciOnly = true;
  }
  double &network(int64_t host) {
    return result.topology.nodes[host].networkBandwidth;
  }

  void finish(const XmlElement &root) {
    plan::Topology &topology = result.topology;
    if (devicesOf.size() != topology.nodes.size())
      root.fail(fmt::format("the file names {} hosts by host_hash, but only "
                            "{} have a GPU",
                            topology.nodes.size(), devicesOf.size()));
    for (const auto &[host, devices] : devicesOf)
      topology.devices.insert(topology.devices.end(), devices.begin(),
                              devices.end());
    if (plan::Status status = topology.check(); !status)
      root.fail(status.error().message);
    topology.name = "nccl";
    topology.provenance = "imported from a NCCL topology; rates by NCCL's "
                          "rules, latencies and memories not in the file";
    std::vector<std::string> &notes = result.notes;
    if (selfLinks)
      notes.push_back("NVLinks that name their own GPU as target were left "
                      "out");
    if (overNvlink < topology.size())
      notes.push_back(fmt::format(
          "{} of {} GPUs have no NVLink in the file (NCCL finds NVLinks on the "
          "machine itself): their port is the PCI link",
          topology.size() - overNvlink, topology.size()));
    if (pciOnly)
      notes.push_back("the speed of network cards is not in the file: the "
                      "network is as fast as their PCI links, an upper bound");
  }

  ImportedTopology result;
  std::map<std::string, size_t> hosts;
  std::map<int64_t, std::vector<plan::Device>> devicesOf; ///< by host
  std::set<std::string> names;
  int64_t overNvlink = 0;
  bool classless = false, selfLinks = false, pciOnly = false;
};
} // namespace

Result<ImportedTopology> moec::target::importNccl(const std::string &text,
                                                  const std::string &file) {
  return guarded([&] {
    XmlDocument document(text, file);
    return NcclImporter().run(document.root());
  });
}
