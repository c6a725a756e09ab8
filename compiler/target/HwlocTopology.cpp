#include "target/Import.h"
#include "target/Xml.h"

#include <fmt/format.h>

#include <map>
#include <sstream>

using namespace moec;
using namespace moec::target;

namespace {
class HwlocImporter {
public:
  ImportedTopology run(const XmlElement &root) {
    if (root.name() != "topology")
      root.fail(fmt::format("root element '{}'; hwloc XML has 'topology'",
                            root.name().substr(0, 40)));
    for (const XmlElement &child : root.children()) {
      if (child.name() == "object")
        visit(child, nullptr, 0);
      if (child.name() == "distances2hetero" &&
          child.attribute("name") == "NVLinkBandwidth")
        addLinks(child);
    }
    finish(root);
    if (plan::Status status = result.topology.check(); !status)
      root.fail(status.error().message);
    return std::move(result);
  }

private:
  struct Gpu {
    std::string busid;
    double pciBandwidth = 0;
    double linkBandwidth = 0;
  };

  void visit(const XmlElement &object, Gpu *gpu, int depth) {
    if (depth > 128)
      object.fail("objects are nested more than 128 deep");
    std::string type = object.attribute("type");
    if (type == "NUMANode")
      memory += object.number("local_memory", 0);
    if (type == "PCIDev")
      gpu = visitPci(object);
    if (type == "OSDev" && gpu)
      byObject["OSDev:" + object.attribute("gp_index")] = gpu;
    for (const XmlElement &child : object.children())
      if (child.name() == "object")
        visit(child, gpu, depth + 1);
  }

  /// `pci_type` is "class [vendor:device] ..."; `pci_link_speed` is in GB/s.
  /// Returns the GPU that this is, or null.
  Gpu *visitPci(const XmlElement &object) {
    std::string type = object.attribute("pci_type");
    double bandwidth = object.number("pci_link_speed", 0) * 1e9;
    if (type.starts_with("02")) {
      network += bandwidth;
      return nullptr;
    }
    if (!type.starts_with("03") || type.find("[10de:") == std::string::npos)
      return nullptr;
    std::string busid = object.attribute("pci_busid");
    auto [it, added] = gpus.emplace(busid, Gpu{busid, bandwidth, 0});
    if (!added || busid.empty())
      object.fail("a GPU needs a bus id of its own", "pci_busid");
    byObject["PCIDev:" + object.attribute("gp_index")] = &it->second;
    return &it->second;
  }

  /// The matrix of NVLink bandwidths in MB/s between GPUs and NVSwitches: the
  /// port of a GPU is the sum of its row.
  void addLinks(const XmlElement &matrix) {
    std::vector<std::string> objects;
    std::vector<double> values;
    for (const XmlElement &child : matrix.children()) {
      std::istringstream words(child.text());
      for (std::string word; words >> word;) {
        if (child.name() == "indexes")
          objects.push_back(word);
        if (child.name() == "u64values")
          values.push_back(std::atof(word.c_str()));
      }
    }
    size_t n = objects.size();
    if (n == 0 || n > 4096 || values.size() != n * n)
      matrix.fail(fmt::format("NVLinkBandwidth has {} objects and {} values; "
                              "expected a square matrix",
                              n, values.size()));
    for (size_t row = 0; row < n; ++row)
      if (auto it = byObject.find(objects[row]); it != byObject.end())
        for (size_t column = 0; column < n; ++column)
          if (row != column && values[row * n + column] > 0)
            it->second->linkBandwidth += values[row * n + column] * 1e6;
  }

  void finish(const XmlElement &root) {
    plan::Topology &topology = result.topology;
    topology.name = "hwloc";
    topology.provenance = "imported from hwloc XML; latencies and memory "
                          "bandwidths not in the file";
    topology.nodes.push_back({"node0", 0, 0, network, 0});
    if (network > 0)
      result.notes.push_back("the speed of network cards is not in the file: "
                             "the network is as fast as their PCI links, an "
                             "upper bound");
    if (gpus.empty())
      return finishAsCpu(root);
    for (const auto &[busid, gpu] : gpus) {
      plan::Device device;
      device.name = busid;
      device.kind = "cuda";
      device.portBandwidth =
          gpu.linkBandwidth > 0 ? gpu.linkBandwidth : gpu.pciBandwidth;
      if (device.portBandwidth <= 0)
        root.fail(fmt::format("GPU {} has no link bandwidth in the file",
                              busid.substr(0, 40)));
      topology.devices.push_back(device);
    }
    result.notes.push_back("the memory of GPUs is not in the file; add it to "
                           "the hardware file");
  }

  void finishAsCpu(const XmlElement &root) {
    if (memory < 1 || memory >= 0x1p62)
      root.fail("the file names neither an NVIDIA GPU nor memory");
    plan::Device device;
    device.name = "d0";
    device.kind = "cpu";
    device.memory.push_back({"dram", static_cast<int64_t>(memory), 0, 0});
    device.portBandwidth = network;
    result.topology.devices.push_back(device);
    result.notes.push_back("no NVIDIA GPU in the file: the machine is one CPU "
                           "device");
  }

  ImportedTopology result;
  std::map<std::string, Gpu> gpus; ///< by bus id: the order of the devices
  std::map<std::string, Gpu *> byObject;
  double memory = 0;
  double network = 0;
};
} // namespace

Result<ImportedTopology> moec::target::importHwloc(const std::string &text,
                                                   const std::string &file) {
  return guarded([&] {
    XmlDocument document(text, file);
    return HwlocImporter().run(document.root());
  });
}
