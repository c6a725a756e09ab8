//===- SharedData.h - Real data beside the checkout -----------------------===//
//
// Part of moec. Tests on real data are skipped where it is absent.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_TARGET_SHAREDDATA_H
#define MOEC_TEST_TARGET_SHAREDDATA_H

#include <cstdlib>
#include <filesystem>
#include <string>

/// The folder in MOEC_SHARED, or ../shared of the checkout; empty when absent.
inline std::string sharedFolder() {
  const char *given = std::getenv("MOEC_SHARED");
  std::string folder = given ? given : MOEC_SOURCE_DIR "/../shared";
  return std::filesystem::is_directory(folder + "/data") ? folder : "";
}

/// Declares `folder`, or skips the test.
#define MOEC_NEED_SHARED(folder)                                               \
  std::string folder = sharedFolder();                                         \
  if (folder.empty())                                                          \
  GTEST_SKIP() << "no ../shared and no MOEC_SHARED: real data is not here"

#endif // MOEC_TEST_TARGET_SHAREDDATA_H
