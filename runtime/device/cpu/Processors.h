//===- Processors.h - The processors that threads run on ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_DEVICE_CPU_PROCESSORS_H
#define MOEC_RT_DEVICE_CPU_PROCESSORS_H

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace moec::rt {

/// Ids of the processors this process may use, ascending; at least one.
std::vector<int> usableProcessors();

/// One processor for each of `threads` threads where the machine is ours alone,
/// otherwise none. Ours alone: there are as many threads as processors online,
/// we may use all of them, nobody but the caller is running now, and no other
/// object of this process has them. Where others run, a pinned thread could not
/// step aside.
class OwnProcessors {
public:
  explicit OwnProcessors(int64_t threads);
  OwnProcessors(const OwnProcessors &) = delete;
  OwnProcessors &operator=(const OwnProcessors &) = delete;
  ~OwnProcessors();

  std::span<const int> ids() const { return processors; }

private:
  std::vector<int> processors;
};

/// How many threads of the machine run or want to, by the text of
/// /proc/loadavg ("0.20 0.18 0.12 1/80 11206": 1); -1 if it is not such a text.
int64_t runningThreads(std::string_view loadavg);

/// Keeps the calling thread on this processor. A hint: failure is no error.
void pinThisThread(int processor) noexcept;

} // namespace moec::rt

#endif // MOEC_RT_DEVICE_CPU_PROCESSORS_H
