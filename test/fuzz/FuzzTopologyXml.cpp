// NCCL and hwloc XML: no crash, and what reads also writes and reads back.
#include "target/Hardware.h"
#include "target/Import.h"

#include <cstdlib>

using namespace moec;

static void check(const target::Result<target::ImportedTopology> &machine) {
  if (!machine)
    return;
  std::string text = target::printHardware(machine->topology);
  target::Result<plan::Topology> again = target::parseHardware(text, "printed");
  if (!again || !(*again == machine->topology))
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  check(target::importNccl(text, "fuzz"));
  check(target::importHwloc(text, "fuzz"));
  check(target::importAlphaBeta(text, "fuzz"));
  return 0;
}
