// Plan files, ours and the engines': no crash; ours read back as they print.
#include "target/PlanFile.h"

#include <cstdlib>

using namespace moec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  if (target::Result<target::Plan> plan = target::parsePlan(text, "fuzz")) {
    std::string printed = target::printPlan(*plan);
    target::Result<target::Plan> again = target::parsePlan(printed, "printed");
    if (!again || target::printPlan(*again) != printed)
      std::abort();
  }
  for (auto layers : {target::parseSglang(text, "fuzz", 2),
                      target::parseTrtllm(text, "fuzz", 2),
                      target::parseAscend(text, "fuzz")})
    if (layers && !target::checkLayers(*layers))
      std::abort();
  return 0;
}
