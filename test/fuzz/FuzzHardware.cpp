// Hardware YAML: no crash, and what reads also writes and reads back equal.
#include "target/Hardware.h"

#include <cstdlib>

using namespace moec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  target::Result<plan::Topology> topology = target::parseHardware(text, "fuzz");
  if (!topology) {
    (void)topology.error().str();
    return 0;
  }
  target::Result<plan::Topology> again =
      target::parseHardware(target::printHardware(*topology), "printed");
  if (!again || !(*again == *topology))
    std::abort();
  return 0;
}
