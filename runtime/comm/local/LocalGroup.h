//===- LocalGroup.h - Ranks that are threads of one process ---------------===//
//
// Part of moec. Exchanges without a copy in between: each rank publishes where
// its rows lie, receivers copy them straight to their place, and nobody goes on
// before its own rows were read.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_COMM_LOCAL_LOCALGROUP_H
#define MOEC_RT_COMM_LOCAL_LOCALGROUP_H

#include "comm/Communicator.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace moec::rt {

class LocalGroup {
public:
  struct Options {
    double timeoutSeconds = 30; ///< how long a rank waits for another one
    /// How long it spins before it sleeps; zero where ranks share processors.
    std::chrono::microseconds spin = std::chrono::microseconds(0);
  };

  LocalGroup(int64_t ranks, Options options);
  LocalGroup(const LocalGroup &) = delete;
  LocalGroup &operator=(const LocalGroup &) = delete;
  ~LocalGroup();

  /// Borrowed from the group.
  Communicator &communicator(int64_t rank);

private:
  class Member;

  void fail(std::string reason) noexcept;
  void signal() noexcept;
  template <typename Done> bool waitUntil(Done done) noexcept;

  const Options options;
  std::vector<std::unique_ptr<Member>> members;

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::atomic<int64_t> sleepers = 0;
  std::atomic<bool> failed = false;
  std::string reason; ///< of the first failure; guarded by `mutex`
};

} // namespace moec::rt

#endif // MOEC_RT_COMM_LOCAL_LOCALGROUP_H
