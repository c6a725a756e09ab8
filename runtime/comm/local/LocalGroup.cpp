//===- LocalGroup.cpp - Ranks that are threads of one process -------------===//
//
// Part of moec. Protocol of one exchange, the k-th of the run: a rank writes
// `offer`, clears `readers` and stores k in `arrived`. A receiver waits for
// arrived == k, checks that both speak of the same step, copies, and counts
// `readers` up. A rank leaves when all others have read its offer, so no rank
// is ever more than one exchange ahead and an offer is not rewritten under a
// reader. After a failure ranks leave early; then `visitors` keeps the rows of
// a rank in place until those who already read them are gone. All atomics are
// sequentially consistent: a waiter registers as sleeper before it looks, a
// writer looks for sleepers after it has written.
//
//===----------------------------------------------------------------------===//

#include "comm/local/LocalGroup.h"

#include "support/Error.h"
#include "support/Spin.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <thread>

namespace moec::rt {

namespace {

/// What a rank shows its peers during an exchange.
struct Offer {
  bool gather = false;
  int64_t step = 0;
  const void *send = nullptr;
  const int64_t *rows = nullptr; ///< to each rank; gather: of each rank
  int64_t rowBytes = 0;
  const int32_t *sendTo = nullptr;
  int64_t rounds = 0;

  const char *kind() const { return gather ? "all_gather" : "all_to_all"; }
};

int64_t rowsBefore(const int64_t *rows, int64_t rank) {
  return std::accumulate(rows, rows + rank, int64_t(0));
}

void copyRows(const void *from, int64_t fromRow, void *to, int64_t toRow,
              int64_t rows, int64_t rowBytes) {
  if (rows * rowBytes > 0)
    std::memcpy(static_cast<std::byte *>(to) + toRow * rowBytes,
                static_cast<const std::byte *>(from) + fromRow * rowBytes,
                rows * rowBytes);
}

} // namespace

class LocalGroup::Member final : public Communicator {
public:
  Member(LocalGroup &group, int64_t rank) : group(group), self(rank) {}

  int64_t rank() const noexcept override { return self; }
  int64_t ranks() const noexcept override {
    return static_cast<int64_t>(group.members.size());
  }
  bool allToAll(const AllToAll &exchange) noexcept override;
  bool allGather(const AllGather &exchange) noexcept override;
  void startRun() noexcept override;
  void finishRun() noexcept override;
  void abort(std::string reason) noexcept override {
    group.fail(std::move(reason));
  }
  std::string failure() const override;

private:
  void publish(const Offer &mine) noexcept;
  bool await(Member &peer) noexcept;
  bool agrees(const Member &peer) noexcept;
  bool finishExchange(bool received) noexcept;
  bool awaitReaders() noexcept;
  bool receiveAll(const AllToAll &exchange) noexcept;
  bool receive(const AllToAll &exchange, int64_t peer, int64_t round) noexcept;
  bool receive(const AllGather &exchange, int64_t peer) noexcept;
  /// Calls copy() while `peer` holds its offer in place.
  template <typename Copy> bool visit(Member &peer, Copy copy) noexcept;
  bool reject(std::string reason) noexcept;
  double timeout() const { return group.options.timeoutSeconds; }

  LocalGroup &group;
  const int64_t self;
  Offer offer;
  alignas(64) std::atomic<int64_t> arrived = 0;
  std::atomic<int64_t> readers = 0;  ///< peers that are done with `offer`
  std::atomic<int64_t> visitors = 0; ///< peers that are reading `offer`
  std::atomic<bool> finished = false;
};

LocalGroup::LocalGroup(int64_t ranks, Options options) : options(options) {
  for (int64_t rank = 0; rank < ranks; ++rank)
    members.push_back(std::make_unique<Member>(*this, rank));
}

LocalGroup::~LocalGroup() = default;

Communicator &LocalGroup::communicator(int64_t rank) {
  return *members.at(rank);
}

//===----------------------------------------------------------------------===//
// Waiting and failing
//===----------------------------------------------------------------------===//

void LocalGroup::signal() noexcept {
  if (sleepers.load() == 0)
    return;
  // A sleeper is either before its look at the condition or inside the wait.
  {
    std::lock_guard lock(mutex);
  }
  changed.notify_all();
}

/// False if `done` did not hold within the time limit.
template <typename Done> bool LocalGroup::waitUntil(Done done) noexcept {
  if (spinUntil(done, options.spin))
    return true;
  auto end = std::chrono::steady_clock::now() +
             std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                 std::chrono::duration<double>(options.timeoutSeconds));
  std::unique_lock lock(mutex);
  ++sleepers;
  bool inTime = changed.wait_until(lock, end, done);
  --sleepers;
  return inTime;
}

void LocalGroup::fail(std::string text) noexcept {
  {
    std::lock_guard lock(mutex);
    if (!failed) {
      reason = std::move(text);
      failed = true;
    }
  }
  changed.notify_all();
}

std::string LocalGroup::Member::failure() const {
  std::lock_guard lock(group.mutex);
  return group.failed ? group.reason : std::string();
}

void LocalGroup::Member::startRun() noexcept {
  arrived = 0;
  finished = false;
  group.failed = false;
}

void LocalGroup::Member::finishRun() noexcept {
  finished = true;
  group.signal();
}

bool LocalGroup::Member::reject(std::string reason) noexcept {
  group.fail(std::move(reason));
  return false;
}

//===----------------------------------------------------------------------===//
// The exchange
//===----------------------------------------------------------------------===//

void LocalGroup::Member::publish(const Offer &mine) noexcept {
  offer = mine;
  readers = 0;
  ++arrived;
  group.signal();
}

/// Until `peer` has published this exchange.
bool LocalGroup::Member::await(Member &peer) noexcept {
  int64_t turn = arrived.load();
  auto hasArrived = [&] { return peer.arrived.load() == turn; };
  bool inTime = group.waitUntil([&] {
    return hasArrived() || peer.finished.load() || group.failed.load();
  });
  if (group.failed)
    return false;
  if (!inTime)
    return reject(concat("rank ", peer.self, " did not arrive at step ",
                         offer.step, " within ", timeout(), " s"));
  return hasArrived() ||
         reject(concat("rank ", peer.self, " ended its program without ",
                       "arriving at step ", offer.step));
}

/// Both ranks are in the same step of the plan.
bool LocalGroup::Member::agrees(const Member &peer) noexcept {
  const Offer &theirs = peer.offer;
  if (theirs.step == offer.step && theirs.gather == offer.gather &&
      theirs.rowBytes == offer.rowBytes && theirs.rounds == offer.rounds)
    return true;
  auto text = [](const Offer &o) {
    return concat(o.kind(), " of step ", o.step, " (", o.rounds, " rounds, ",
                  o.rowBytes, " bytes a row)");
  };
  return reject(concat("rank ", peer.self, " is at ", text(theirs), ", rank ",
                       self, " at ", text(offer)));
}

template <typename Copy>
bool LocalGroup::Member::visit(Member &peer, Copy copy) noexcept {
  if (!await(peer))
    return false;
  ++peer.visitors;
  // The peer leaves an exchange that failed only after `failed` was set, and
  // then waits for the visitors it finds.
  bool ok = !group.failed && agrees(peer) && copy(peer.offer);
  --peer.visitors;
  return ok;
}

bool LocalGroup::Member::awaitReaders() noexcept {
  bool inTime = group.waitUntil(
      [&] { return readers.load() == ranks() - 1 || group.failed.load(); });
  if (group.failed)
    return false;
  return inTime ||
         reject(concat(ranks() - 1 - readers.load(), " ranks did not take the ",
                       "rows of rank ", self, " at step ", offer.step,
                       " within ", timeout(), " s"));
}

bool LocalGroup::Member::finishExchange(bool received) noexcept {
  if (received) {
    for (auto &peer : group.members)
      if (peer->self != self)
        ++peer->readers;
    group.signal();
    if (awaitReaders())
      return true;
  }
  while (visitors.load() != 0)
    std::this_thread::yield();
  return false;
}

/// Round < 0: no round, so there is none to agree on.
bool LocalGroup::Member::receive(const AllToAll &exchange, int64_t peer,
                                 int64_t round) noexcept {
  return visit(*group.members[peer], [&](const Offer &theirs) {
    if (round >= 0 && theirs.sendTo[round] != self)
      return reject(concat("in round ", round, " of step ", exchange.step,
                           " rank ", self, " receives from rank ", peer,
                           ", which sends to rank ", theirs.sendTo[round]));
    int64_t rows = exchange.receiveRows[peer];
    if (theirs.rows[self] != rows)
      return reject(concat("at step ", exchange.step, " rank ", peer, " sends ",
                           theirs.rows[self], " rows to rank ", self,
                           ", which expects ", rows));
    copyRows(theirs.send, rowsBefore(theirs.rows, self), exchange.receive,
             rowsBefore(exchange.receiveRows, peer), rows, exchange.rowBytes);
    return true;
  });
}

bool LocalGroup::Member::receiveAll(const AllToAll &exchange) noexcept {
  copyRows(exchange.send, rowsBefore(exchange.sendRows, self), exchange.receive,
           rowsBefore(exchange.receiveRows, self), exchange.receiveRows[self],
           exchange.rowBytes);
  const int32_t *first = exchange.receiveFrom;
  const int32_t *last = exchange.rounds ? first + exchange.rounds : first;
  for (const int32_t *peer = first; peer != last; ++peer)
    if (*peer >= 0 && *peer != self && !receive(exchange, *peer, peer - first))
      return false;
  // Without rounds this is the rotation. With rounds it is left to make sure
  // that the peers which no round names have no rows for us either.
  for (int64_t r = 1; r < ranks(); ++r) {
    int64_t peer = (self - r + ranks()) % ranks();
    if (std::find(first, last, peer) == last && !receive(exchange, peer, -1))
      return false;
  }
  return true;
}

bool LocalGroup::Member::allToAll(const AllToAll &exchange) noexcept {
  if (group.failed)
    return false;
  if (auto fault = findFault(exchange, self, ranks()))
    return reject(*fault);
  publish({.step = exchange.step,
           .send = exchange.send,
           .rows = exchange.sendRows,
           .rowBytes = exchange.rowBytes,
           .sendTo = exchange.sendTo,
           .rounds = exchange.rounds});
  return finishExchange(receiveAll(exchange));
}

bool LocalGroup::Member::receive(const AllGather &exchange,
                                 int64_t peer) noexcept {
  return visit(*group.members[peer], [&](const Offer &theirs) {
    if (theirs.rows[peer] != exchange.rows[peer])
      return reject(concat("at step ", exchange.step, " rank ", peer, " has ",
                           theirs.rows[peer], " rows, rank ", self, " expects ",
                           exchange.rows[peer]));
    copyRows(theirs.send, 0, exchange.receive, rowsBefore(exchange.rows, peer),
             exchange.rows[peer], exchange.rowBytes);
    return true;
  });
}

bool LocalGroup::Member::allGather(const AllGather &exchange) noexcept {
  if (group.failed)
    return false;
  if (auto fault = findFault(exchange, ranks()))
    return reject(*fault);
  publish({.gather = true,
           .step = exchange.step,
           .send = exchange.send,
           .rows = exchange.rows,
           .rowBytes = exchange.rowBytes});
  copyRows(exchange.send, 0, exchange.receive, rowsBefore(exchange.rows, self),
           exchange.rows[self], exchange.rowBytes);
  bool received = true;
  for (int64_t r = 1; r < ranks() && received; ++r)
    received = receive(exchange, (self - r + ranks()) % ranks());
  return finishExchange(received);
}

} // namespace moec::rt
