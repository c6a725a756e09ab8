//===- Program.cpp - The compiled program of an artifact ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "artifact/Program.h"

#include "support/Error.h"

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace moec::rt {

#if defined(__x86_64__)
/// The system saves the tiles of AMX only for processes that ask for them.
static bool mayUseAmx() {
  constexpr int requestPermission = 0x1023, tileData = 18; // asm/prctl.h
  return __builtin_cpu_supports("amx-tile") &&
         __builtin_cpu_supports("amx-bf16") &&
         syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}
#endif

bool processorHas(const std::string &isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return isa == "x86-64" ||
         (isa == "x86-64-v2" && __builtin_cpu_supports("x86-64-v2")) ||
         (isa == "x86-64-v3" && __builtin_cpu_supports("x86-64-v3")) ||
         (isa == "x86-64-v4" && __builtin_cpu_supports("x86-64-v4")) ||
         (isa == "x86-64-v4+amx" && __builtin_cpu_supports("x86-64-v4") &&
          mayUseAmx());
#elif defined(__aarch64__)
  return isa == "aarch64";
#else
  return false;
#endif
}

/// A program's undefined symbols are looked up among the globally visible
/// libraries. Where an embedder loaded the runtime itself by dlopen without
/// RTLD_GLOBAL (a Python extension), make it visible.
static void makeRuntimeVisible() {
  Dl_info self = {};
  if (dladdr(reinterpret_cast<void *>(&makeRuntimeVisible), &self))
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

Program::Program(const std::filesystem::path &path,
                 const std::vector<ProgramEntry> &entries) {
  auto entry = std::find_if(
      entries.begin(), entries.end(),
      [](const ProgramEntry &entry) { return processorHas(entry.isa); });
  if (entry == entries.end()) {
    std::string isas;
    for (const ProgramEntry &entry : entries)
      isas += concat(isas.empty() ? "" : ", ", entry.isa);
    fail("the program was compiled for ", isas.empty() ? "nothing" : isas,
         ", which this processor does not have; compile the model for it");
  }
  makeRuntimeVisible();
  library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    fail("cannot load the program: ", dlerror());
  run = reinterpret_cast<moe_rt_entry>(dlsym(library, entry->symbol.c_str()));
  if (!run) {
    dlclose(library);
    fail(path.string(), " does not export ", entry->symbol);
  }
}

Program::~Program() { dlclose(library); }

} // namespace moec::rt
