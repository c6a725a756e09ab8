// Traffic CSV: no crash, and what reads satisfies its own check.
#include "target/TrafficCsv.h"

#include <cstdlib>

using namespace moec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  target::Result<plan::TrafficMatrix> traffic =
      target::parseTraffic(text, "fuzz");
  if (traffic && !traffic->check())
    std::abort();
  return 0;
}
