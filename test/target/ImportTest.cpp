#include "target/Import.h"
#include "SharedData.h"
#include "target/Hardware.h"

#include <gtest/gtest.h>

using namespace moec;
using namespace moec::target;

static std::string wrap(const std::string &inside) {
  return "<system version=\"1\"><cpu numaid=\"0\">" + inside +
         "</cpu></system>";
}

static void expectError(const Result<ImportedTopology> &result,
                        const std::string &expected) {
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().str().find(expected), std::string::npos)
      << result.error().str();
}

TEST(Nccl, ReadsGpusNvlinksAndPorts) {
  Result<ImportedTopology> t = importNccl(
      wrap(R"(<pci busid="a" class="0x030200" link_speed="16.0 GT/s PCIe"
                   link_width="16"><gpu dev="0" sm="80" rank="0">
                <nvlink target="b" count="12"/></gpu></pci>
              <pci busid="b" class="0x030200" link_speed="8 GT/s"
                   link_width="8"/>
              <pci busid="n" class="0x020700" link_speed="32 GT/s"
                   link_width="16"><nic><net speed="200000"/></nic></pci>)"),
      "t.xml");
  ASSERT_TRUE(t) << t.error().str();
  ASSERT_EQ(t->topology.size(), 2);
  EXPECT_DOUBLE_EQ(t->topology.devices[0].portBandwidth, 240e9);
  EXPECT_DOUBLE_EQ(t->topology.devices[1].portBandwidth, 6e9);
  EXPECT_DOUBLE_EQ(t->topology.nodes[0].networkBandwidth, 25e9);
  ASSERT_EQ(t->notes.size(), 1u);
  EXPECT_NE(t->notes[0].find("1 of 2 GPUs"), std::string::npos);
}

TEST(Nccl, HostsAreToldApartByHash) {
  std::string gpu = R"(<pci busid="%" class="0x03"/></cpu>)";
  std::string text = "<system>";
  for (const char *id : {"1", "2"}) {
    std::string one = gpu;
    one.replace(one.find('%'), 1, id);
    text += std::string("<cpu host_hash=\"") + id + "\">" + one;
  }
  Result<ImportedTopology> t = importNccl(text + "</system>", "t.xml");
  ASSERT_TRUE(t) << t.error().str();
  EXPECT_EQ(t->topology.nodes.size(), 2u);
  EXPECT_EQ(t->topology.devices[1].node, 1);
  expectError(importNccl(text + "<cpu host_hash=\"3\"/></system>", "t.xml"),
              "names 3 hosts by host_hash, but only 2 have a GPU");
}

TEST(Nccl, RejectsWhatItCannotUse) {
  expectError(importNccl("<graphs/>", "t.xml"),
              "result of NCCL's graph search");
  expectError(importNccl("<other/>", "t.xml"), "root element 'other'");
  expectError(importNccl("<system>", "t.xml"), "t.xml:1:9: not valid XML");
  expectError(importNccl("", "t.xml"), "not valid XML");
  expectError(importNccl(wrap(""), "t.xml"), "no GPU found: the file names");
  expectError(importNccl(wrap(R"(<pci busid="a"/>)"), "t.xml"),
              "its pci elements have no class");
  std::string gpu = R"(<pci busid="a" class="0x03"/>)";
  expectError(importNccl(wrap(gpu + "\n" + gpu), "t.xml"),
              "t.xml:2:1: pci@busid: a GPU needs a bus id of its own");
  expectError(importNccl(wrap(R"(<pci class="0x03" link_width="-1"/>)"), "t"),
              "'-1' is no finite number");
  expectError(importNccl(wrap(R"(<pci busid="a" class="0x03"
                                  link_width="1e308"/>)"),
                         "t"),
              "port bandwidth and latency must be finite");
  std::string nest, end;
  for (int i = 0; i < 80; ++i) {
    nest += R"(<pci class="0x06">)";
    end += "</pci>";
  }
  expectError(importNccl(wrap(nest + end), "t.xml"), "more than 64 deep");
}

TEST(Nccl, EntitiesAreNotExpanded) {
  std::string text = R"(<!DOCTYPE system [
<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">
<!ENTITY f SYSTEM "file:///etc/passwd">]>
<system><cpu>&a;&f;</cpu></system>)";
  expectError(importNccl(text, "t.xml"), "no GPU found");
}

TEST(Hwloc, OneCpuDeviceWhenThereIsNoGpu) {
  Result<ImportedTopology> t = importHwloc(
      R"(<topology version="2.0"><object type="Machine">
         <object type="NUMANode" local_memory="1000"/>
         <object type="NUMANode" local_memory="2000"/></object></topology>)",
      "h.xml");
  ASSERT_TRUE(t) << t.error().str();
  ASSERT_EQ(t->topology.size(), 1);
  EXPECT_EQ(t->topology.devices[0].memory[0].capacity, 3000);
  Result<plan::Topology> again =
      parseHardware(printHardware(t->topology), "printed");
  ASSERT_TRUE(again) << again.error().str();
  EXPECT_EQ(t->topology, *again);
}

TEST(Hwloc, RejectsWhatItCannotUse) {
  expectError(importHwloc("<system/>", "h.xml"), "hwloc XML has 'topology'");
  expectError(importHwloc("<topology/>", "h.xml"), "neither an NVIDIA GPU");
  std::string gpu = R"(<object type="PCIDev" pci_busid="x"
      pci_type="0302 [10de:1db8]" pci_link_speed="0"/>)";
  auto machine = [](const std::string &inside) {
    return "<topology><object type=\"Machine\">" + inside +
           "</object></topology>";
  };
  expectError(importHwloc(machine(gpu), "h.xml"),
              "GPU x has no link bandwidth");
  expectError(importHwloc(machine(gpu + gpu), "h.xml"), "bus id of its own");
  expectError(
      importHwloc("<topology><distances2hetero name=\"NVLinkBandwidth\">"
                  "<indexes>OSDev:1 OSDev:2</indexes><u64values>1"
                  "</u64values></distances2hetero></topology>",
                  "h.xml"),
      "has 2 objects and 1 values");
  std::string nest, end;
  for (int i = 0; i < 200; ++i) {
    nest += "<object type=\"Group\">";
    end += "</object>";
  }
  expectError(importHwloc(machine(nest + end), "h.xml"), "128 deep");
}

static const std::string table = R"({"name": "x_1MB", "gpus_per_node": 2,
  "nics_per_node": 1, "alpha": 0.3, "node_betas_list": [8], "remote_alpha": 2.6,
  "remote_beta": 105})";

static std::string with(std::string text, const std::string &find,
                        const std::string &replace) {
  return text.replace(text.find(find), find.size(), replace);
}

TEST(AlphaBeta, UnitsFollowTheChunkSize) {
  Result<ImportedTopology> mega = importAlphaBeta(table, "t.json");
  ASSERT_TRUE(mega) << mega.error().str();
  EXPECT_NEAR(mega->topology.devices[0].portBandwidth, 0x1p20 / 8e-6, 1);
  EXPECT_DOUBLE_EQ(mega->topology.devices[0].portLatency, 0.3e-6);
  std::string kilo = with(with(table, "x_1MB", "x_1KB"), "0.3", "30");
  Result<ImportedTopology> small = importAlphaBeta(kilo, "t.json");
  ASSERT_TRUE(small) << small.error().str();
  EXPECT_NEAR(small->topology.devices[0].portLatency, 0.3e-6, 1e-12);
}

TEST(AlphaBeta, RejectsWhatItCannotUse) {
  auto bad = [](const char *find, const char *replace) {
    return importAlphaBeta(with(table, find, replace), "t.json");
  };
  expectError(bad("x_1MB", "x"), "t.json:1:10: name: 'x' does not end in");
  expectError(bad("[8]", "[]"), "node_betas_list: the list is empty");
  expectError(bad("[8]", "[8, 0]"), "node_betas_list[1]: expected a number");
  expectError(bad("[8]", "8"), "expected a list of betas");
  expectError(bad("\"alpha\"", "\"alpa\""),
              "unknown key 'alpa'; did you mean 'alpha'?");
  expectError(bad("\"nics_per_node\": 1,", ""), "'nics_per_node' is missing");
  expectError(bad(": 2,", ": 2.5,"), "expected an integer from 1 to 1024");
  expectError(bad("0.3", "\"a\""), "finite number of at least 0");
  expectError(bad("0.3", "1e999"), "a number is too large");
  expectError(bad("}", ""), "t.json:3:21: not valid JSON");
  expectError(importAlphaBeta("{\"intranode_sketch\": 1}", "t.json"),
              "communication sketch");
}

TEST(SharedTopologies, AreReadOrRefusedWithTheReason) {
  MOEC_NEED_SHARED(folder);
  struct Case {
    const char *file;
    int64_t devices; ///< 0: refused
    double port, network;
  };
  for (const Case &c : {
           Case{"azure/ndv5-topo.xml", 8, 48e9, 8 * 48e9},
           Case{"azure/ndv4-topo.xml", 8, 24e9, 8 * 24e9},
           Case{"azure/ncv4-topo.xml", 4, 12e9, 12.5e9},
           Case{"azure/ncv4-graph.xml", 0, 0, 0},
           Case{"aws/p4d-24xl-topo.xml", 8, 12e9, 4 * 12e9},
           Case{"aws/g5.48xl-topo.xml", 0, 0, 0},
           Case{"aws/p5.48xl-topo.upstream-2025-06.xml", 0, 0, 0},
           Case{"aws/p5.48xl-topo.unmerged-2026-05.xml", 8, 24e9, 32 * 12e9},
           Case{"hwloc/nvidiaDGX2.xml", 16, 150e9, 0},
           Case{"taccl/topo-dgx2-1MB.json", 16, 0x1p20 / 8e-6, 0},
           Case{"taccl/topo-dgx2-1KB.json", 16, 0x1p10 / 1e-8, 0},
           Case{"taccl/topo-ndv2-32KB.json", 8, 0x1p15 / 7.18e-7, 0},
           Case{"taccl/topo-ndv2-1KB.json", 8, 0x1p10 / 2.24e-8, 0},
           Case{"taccl/topo-ndv2-1MB.json", 8, 0x1p20 / 23e-6, 0},
           Case{"taccl/sk1-ndv2-n2.json", 0, 0, 0},
       }) {
    Result<ImportedTopology> t =
        readMachine(folder + "/data/topology/" + c.file);
    ASSERT_EQ(static_cast<bool>(t), c.devices > 0)
        << c.file << (t ? "" : t.error().str());
    if (!t)
      continue;
    ASSERT_EQ(t->topology.size(), c.devices) << c.file;
    EXPECT_TRUE(t->topology.check()) << c.file;
    EXPECT_NEAR(t->topology.devices.back().portBandwidth / 1e9, c.port / 1e9,
                1e-6)
        << c.file;
    if (c.network > 0)
      EXPECT_DOUBLE_EQ(t->topology.nodes[0].networkBandwidth, c.network)
          << c.file;
    Result<plan::Topology> again =
        parseHardware(printHardware(t->topology), "printed");
    ASSERT_TRUE(again) << c.file << again.error().str();
    EXPECT_EQ(t->topology, *again) << c.file;
  }
}
