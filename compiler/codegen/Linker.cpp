#include "codegen/Linker.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace llvm;

/// MOEC_LLD is the linker that CMake found; another machine may have another.
static Expected<std::string> findLinker() {
  if (sys::fs::can_execute(MOEC_LLD))
    return std::string(MOEC_LLD);
  for (StringRef name : {"ld.lld-22", "ld.lld"})
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
  return createStringError("no linker: neither ld.lld-22 nor ld.lld is in "
                           "PATH; install the package lld-22");
}

Error moec::codegen::linkSharedLibrary(ArrayRef<std::string> objects,
                                       StringRef output) {
  Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  SmallVector<StringRef> arguments = {
      *linker,       "-shared",        "-o", output, "--gc-sections", "-z",
      "noexecstack", "--build-id=none"}; // named symbols are for profilers
  llvm::append_range(arguments, objects);
  // The libraries themselves, so that no development package is needed.
  for (StringRef argument :
       {"--as-needed", "-L/lib/x86_64-linux-gnu", "-L/usr/lib/x86_64-linux-gnu",
        "-L/lib64", "-L/usr/lib64", "-l:libm.so.6", "-l:libc.so.6"})
    arguments.push_back(argument);
  SmallString<128> log;
  if (std::error_code code =
          sys::fs::createTemporaryFile("moec-link", "log", log))
    return createStringError(code, "cannot write the linker's log: " +
                                       code.message());
  std::optional<StringRef> redirects[] = {StringRef(), log.str(), log.str()};
  std::string message;
  int status = sys::ExecuteAndWait(*linker, arguments, std::nullopt, redirects,
                                   0, 0, &message);
  std::string said = message;
  if (auto text = MemoryBuffer::getFile(log))
    said += (*text)->getBuffer();
  sys::fs::remove(log);
  if (status != 0)
    return createStringError("linking failed: " + said);
  return Error::success();
}
