//===- Program.h - The compiled program of an artifact --------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_ARTIFACT_PROGRAM_H
#define MOEC_RT_ARTIFACT_PROGRAM_H

#include "artifact/Manifest.h"
#include "include/moe_rt_program.h"

#include <filesystem>

namespace moec::rt {

/// This processor executes code compiled for `isa`: "x86-64" and its levels
/// "-v2" ... "-v4" on x86-64, "x86-64-v4+amx", and "aarch64" on that. An unknown
/// name is not.
bool processorHas(const std::string &isa);

/// A loaded shared object; unloaded with this object.
class Program {
public:
  /// Loads `path` and picks the first of `entries` that the processor executes.
  /// Throws Error: does not load, no such entry, the entry's symbol is missing.
  Program(const std::filesystem::path &path,
          const std::vector<ProgramEntry> &entries);
  Program(const Program &) = delete;
  Program &operator=(const Program &) = delete;
  ~Program();

  moe_rt_entry entry() const { return run; }

private:
  void *library = nullptr;
  moe_rt_entry run = nullptr;
};

} // namespace moec::rt

#endif // MOEC_RT_ARTIFACT_PROGRAM_H
