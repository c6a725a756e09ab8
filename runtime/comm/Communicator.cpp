//===- Communicator.cpp - Checks that all backends share ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "comm/Communicator.h"

#include "support/Error.h"

#include <algorithm>

namespace moec::rt {

namespace {

std::optional<std::string> findFault(const int64_t *rows, int64_t ranks,
                                     int64_t rowBytes, int64_t step) {
  int64_t total = 0, bytes = 0;
  bool negative =
      rowBytes < 0 ||
      std::any_of(rows, rows + ranks, [](int64_t count) { return count < 0; });
  if (negative)
    return concat("step ", step, " has a negative number of rows or bytes");
  for (int64_t peer = 0; peer < ranks; ++peer)
    if (__builtin_add_overflow(total, rows[peer], &total))
      return concat("step ", step, " has more rows than 64 bits count");
  if (__builtin_mul_overflow(total, rowBytes, &bytes))
    return concat("step ", step, " has more bytes than 64 bits count");
  return std::nullopt;
}

/// Each peer with rows is met in exactly one round. Quadratic in the number of
/// rounds, which is about the number of ranks; it needs no memory.
std::optional<std::string> findRoundFault(const AllToAll &exchange,
                                          const int32_t *peers,
                                          const int64_t *rows, int64_t rank,
                                          int64_t ranks, const char *verb) {
  const int32_t *end = peers + exchange.rounds;
  for (const int32_t *peer = peers; peer != end; ++peer) {
    if (*peer < -1 || *peer >= ranks)
      return concat("round ", peer - peers, " of step ", exchange.step,
                    " names rank ", *peer, ", but there are ", ranks, " ranks");
    if (*peer >= 0 && std::find(peers, peer, *peer) != peer)
      return concat("the rounds of step ", exchange.step, " make rank ", rank,
                    " ", verb, " rank ", *peer, " twice");
  }
  for (int64_t peer = 0; peer < ranks; ++peer)
    if (peer != rank && rows[peer] > 0 && std::find(peers, end, peer) == end)
      return concat("no round of step ", exchange.step, " makes rank ", rank,
                    " ", verb, " rank ", peer, ", but there are ", rows[peer],
                    " rows");
  return std::nullopt;
}

} // namespace

std::optional<std::string> findFault(const AllToAll &exchange, int64_t rank,
                                     int64_t ranks) {
  for (const int64_t *rows : {exchange.sendRows, exchange.receiveRows})
    if (auto fault = findFault(rows, ranks, exchange.rowBytes, exchange.step))
      return fault;
  if (exchange.sendRows[rank] != exchange.receiveRows[rank])
    return concat("at step ", exchange.step, " rank ", rank, " sends itself ",
                  exchange.sendRows[rank], " rows but expects ",
                  exchange.receiveRows[rank]);
  if (exchange.rounds < 0)
    return concat("step ", exchange.step, " has ", exchange.rounds, " rounds");
  if (exchange.rounds == 0)
    return std::nullopt;
  if (auto fault = findRoundFault(exchange, exchange.sendTo, exchange.sendRows,
                                  rank, ranks, "send to"))
    return fault;
  return findRoundFault(exchange, exchange.receiveFrom, exchange.receiveRows,
                        rank, ranks, "receive from");
}

std::optional<std::string> findFault(const AllGather &exchange, int64_t ranks) {
  return findFault(exchange.rows, ranks, exchange.rowBytes, exchange.step);
}

} // namespace moec::rt
