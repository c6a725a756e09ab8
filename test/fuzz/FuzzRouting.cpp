// Every routing format, recognised by content as for users: no crash, and what
// reads is a well-formed trace.
#include "target/Routing.h"

#include <cstdlib>

using namespace moec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string bytes(reinterpret_cast<const char *>(data), size);
  target::Result<target::RoutingFile> file =
      target::parseRouting(bytes, "fuzz");
  if (file && (file->trace.layers.empty() || !file->trace.check()))
    std::abort();
  // The same bytes as each format, so that recognition hides none.
  (void)target::parseRouteLog(bytes, "fuzz");
  (void)target::parseIdArray(bytes, "fuzz");
  return 0;
}
