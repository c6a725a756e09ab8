//===- CommunicatorTest.cpp - Conformance of communicators ----------------===//
//
// Part of moec. Written once, run on every backend in `backends`: a backend is
// a way to make a group and to call a body on each of its ranks.
//
//===----------------------------------------------------------------------===//

#include "comm/local/LocalGroup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>
#include <thread>

using namespace moec::rt;

namespace {

using Body = std::function<void(Communicator &)>;

class Group {
public:
  virtual ~Group() = default;
  /// Begins a run, calls `body` on each rank at the same time, ends the run.
  virtual void run(const Body &body) = 0;
};

class LocalRanks final : public Group {
public:
  LocalRanks(int64_t ranks, double timeoutSeconds)
      : count(ranks), group(ranks, {timeoutSeconds, {}}) {}

  void run(const Body &body) override {
    for (int64_t rank = 0; rank < count; ++rank)
      group.communicator(rank).startRun();
    std::vector<std::thread> threads;
    for (int64_t rank = 0; rank < count; ++rank)
      threads.emplace_back([&, rank] {
        body(group.communicator(rank));
        group.communicator(rank).finishRun();
      });
    for (std::thread &thread : threads)
      thread.join();
  }

private:
  int64_t count;
  LocalGroup group;
};

struct Backend {
  const char *name;
  std::unique_ptr<Group> (*make)(int64_t ranks, double timeoutSeconds);
};

const Backend backends[] = {
    {"local",
     [](int64_t ranks, double timeout) -> std::unique_ptr<Group> {
       return std::make_unique<LocalRanks>(ranks, timeout);
     }},
};

class CommunicatorTest : public testing::TestWithParam<Backend> {
protected:
  std::unique_ptr<Group> make(int64_t ranks, double timeoutSeconds = 30) {
    return GetParam().make(ranks, timeoutSeconds);
  }
};

INSTANTIATE_TEST_SUITE_P(Backends, CommunicatorTest,
                         testing::ValuesIn(backends),
                         [](const auto &info) { return info.param.name; });

/// rows[source][target]
using Matrix = std::vector<std::vector<int64_t>>;

/// Counts from 0 to 5, many of them 0, some ranks without any rows.
Matrix randomMatrix(std::mt19937 &random, int64_t ranks) {
  Matrix rows(ranks, std::vector<int64_t>(ranks));
  for (auto &row : rows) {
    bool empty = random() % 4 == 0;
    for (int64_t &count : row)
      count = empty || random() % 3 == 0 ? 0 : int64_t(random() % 6);
  }
  return rows;
}

/// The rounds of one rank: the shifts in random order, peers without rows left
/// out.
struct Rounds {
  std::vector<int32_t> sendTo, receiveFrom;

  Rounds(const Matrix &rows, int64_t rank, unsigned seed) {
    int64_t ranks = static_cast<int64_t>(rows.size());
    std::vector<int64_t> shifts(ranks - 1);
    std::iota(shifts.begin(), shifts.end(), 1);
    std::shuffle(shifts.begin(), shifts.end(), std::mt19937(seed));
    for (int64_t shift : shifts) {
      int64_t target = (rank + shift) % ranks;
      int64_t source = (rank - shift + ranks) % ranks;
      sendTo.push_back(rows[rank][target] ? int32_t(target) : -1);
      receiveFrom.push_back(rows[source][rank] ? int32_t(source) : -1);
    }
  }
};

struct Row {
  int64_t source, target, number;
  bool operator==(const Row &) const = default;
};

/// One exchange of `rows` as rank comm.rank() does it; checks what arrives.
void exchange(Communicator &comm, const Matrix &rows, int64_t step,
              const Rounds *rounds) {
  int64_t self = comm.rank(), ranks = comm.ranks();
  std::vector<Row> send, expected;
  std::vector<int64_t> receiveRows;
  for (int64_t peer = 0; peer < ranks; ++peer) {
    for (int64_t i = 0; i < rows[self][peer]; ++i)
      send.push_back({self, peer, i});
    for (int64_t i = 0; i < rows[peer][self]; ++i)
      expected.push_back({peer, self, i});
    receiveRows.push_back(rows[peer][self]);
  }
  std::vector<Row> received(expected.size());
  AllToAll op{.step = step,
              .send = send.data(),
              .sendRows = rows[self].data(),
              .receive = received.data(),
              .receiveRows = receiveRows.data(),
              .rowBytes = sizeof(Row)};
  if (rounds) {
    op.sendTo = rounds->sendTo.data();
    op.receiveFrom = rounds->receiveFrom.data();
    op.rounds = static_cast<int64_t>(rounds->sendTo.size());
  }
  ASSERT_TRUE(comm.allToAll(op)) << comm.failure();
  EXPECT_EQ(received, expected) << "rank " << self << ", step " << step;
  std::fill(send.begin(), send.end(), Row{-1, -1, -1}); // is ours again
}

/// An exchange of nothing.
bool emptyGather(Communicator &comm, int64_t step) {
  std::vector<int64_t> rows(comm.ranks());
  return comm.allGather({step, nullptr, nullptr, rows.data(), 4});
}

} // namespace

TEST_P(CommunicatorTest, AllToAllMovesEveryRow) {
  for (int64_t ranks : {1, 2, 3, 4, 7}) {
    unsigned seed = 100 + static_cast<unsigned>(ranks);
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<Matrix> steps(20);
    for (Matrix &rows : steps)
      rows = randomMatrix(random, ranks);
    steps[3] = Matrix(ranks, std::vector<int64_t>(ranks)); // no rows at all
    make(ranks)->run([&](Communicator &comm) {
      for (size_t step = 0; step < steps.size(); ++step) {
        Rounds rounds(steps[step], comm.rank(), seed + unsigned(step));
        exchange(comm, steps[step], int64_t(step), nullptr);
        exchange(comm, steps[step], int64_t(step), &rounds);
      }
    });
  }
}

TEST_P(CommunicatorTest, AllGatherCollectsUnevenParts) {
  for (int64_t ranks : {1, 2, 5})
    make(ranks)->run([&](Communicator &comm) {
      for (int64_t step = 0; step < 20; ++step) {
        std::vector<int64_t> rows, expected;
        for (int64_t rank = 0; rank < ranks; ++rank) {
          rows.push_back((rank + step) % 4); // also none
          expected.insert(expected.end(), rows.back(), rank * 100 + step);
        }
        std::vector<int64_t> send(rows[comm.rank()], comm.rank() * 100 + step);
        std::vector<int64_t> received(expected.size());
        ASSERT_TRUE(comm.allGather(
            {step, send.data(), received.data(), rows.data(), sizeof(int64_t)}))
            << comm.failure();
        EXPECT_EQ(received, expected);
      }
    });
}

//===----------------------------------------------------------------------===//
// Failures: every rank ends, with the same message
//===----------------------------------------------------------------------===//

namespace {
/// Runs `body`, which returns the answer of a rank's last call; all ranks that
/// were still in an exchange must have failed with `message`.
void expectFailure(Group &group, const std::string &message,
                   const std::function<bool(Communicator &)> &body) {
  group.run([&](Communicator &comm) {
    if (!body(comm)) {
      EXPECT_EQ(comm.failure(), message) << "rank " << comm.rank();
    }
  });
}
} // namespace

TEST_P(CommunicatorTest, AMissingRankIsNamedInTime) {
  auto group = make(3, 0.1);
  auto begin = std::chrono::steady_clock::now();
  expectFailure(*group, "rank 1 did not arrive at step 17 within 0.1 s",
                [&](Communicator &comm) {
                  if (comm.rank() != 1)
                    return emptyGather(comm, 17);
                  while (comm.failure().empty())
                    std::this_thread::yield();
                  return true;
                });
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_P(CommunicatorTest, ARankThatEndsIsNamedAtOnce) {
  auto group = make(3);
  expectFailure(*group, "rank 2 ended its program without arriving at step 5",
                [](Communicator &comm) {
                  return comm.rank() == 2 || emptyGather(comm, 5);
                });
}

TEST_P(CommunicatorTest, AbortReleasesThePeersAndANewRunBegins) {
  auto group = make(3);
  for (int repeat = 0; repeat < 3; ++repeat) {
    expectFailure(*group, "rank 0 failed: no luck", [](Communicator &comm) {
      if (comm.rank() == 0)
        comm.abort("rank 0 failed: no luck");
      return emptyGather(comm, 1);
    });
    group->run([](Communicator &comm) {
      EXPECT_EQ(comm.failure(), "");
      EXPECT_TRUE(emptyGather(comm, 2)) << comm.failure();
    });
  }
}

TEST_P(CommunicatorTest, AFailureHoldsUntilTheNextRun) {
  auto group = make(1);
  expectFailure(*group, "broken", [](Communicator &comm) {
    comm.abort("broken");
    comm.abort("and more");
    EXPECT_FALSE(emptyGather(comm, 1));
    int64_t rows[] = {0};
    return comm.allToAll({.sendRows = rows, .receiveRows = rows});
  });
}

namespace {
/// Two ranks; rank 1 says something else than rank 0.
std::string disagreement(Group &group,
                         const std::function<bool(Communicator &)> &body) {
  std::string messages[2];
  group.run([&](Communicator &comm) {
    EXPECT_FALSE(body(comm));
    messages[comm.rank()] = comm.failure();
  });
  EXPECT_EQ(messages[0], messages[1]);
  return messages[0];
}

bool isEither(const std::string &text, const std::string &one,
              const std::string &other) {
  return text == one || text == other;
}
} // namespace

TEST_P(CommunicatorTest, RanksInDifferentStepsAreTold) {
  auto group = make(2);
  std::string text = disagreement(*group, [](Communicator &comm) {
    return emptyGather(comm, 4 + comm.rank());
  });
  std::string four = "all_gather of step 4 (0 rounds, 4 bytes a row)";
  std::string five = "all_gather of step 5 (0 rounds, 4 bytes a row)";
  EXPECT_TRUE(isEither(text, "rank 1 is at " + five + ", rank 0 at " + four,
                       "rank 0 is at " + four + ", rank 1 at " + five))
      << text;
}

TEST_P(CommunicatorTest, DifferentRowCountsAreTold) {
  auto group = make(2);
  std::vector<int64_t> buffer(8);
  // Rank 1 expects two rows of the one that rank 0 sends.
  std::string text = disagreement(*group, [&](Communicator &comm) {
    std::vector<int64_t> received(8);
    bool first = comm.rank() == 0;
    std::vector<int64_t> out = {0, first ? 1 : 0}, in = {first ? 0 : 2, 0};
    return comm.allToAll({.step = 9,
                          .send = buffer.data(),
                          .sendRows = out.data(),
                          .receive = received.data(),
                          .receiveRows = in.data(),
                          .rowBytes = 8});
  });
  EXPECT_EQ(text, "at step 9 rank 0 sends 1 rows to rank 1, which expects 2");
}

TEST_P(CommunicatorTest, DifferentGatherCountsAreTold) {
  auto group = make(2);
  std::string text = disagreement(*group, [&](Communicator &comm) {
    std::vector<int64_t> buffer(8), received(8), rows = {1, 1 + comm.rank()};
    return comm.allGather({6, buffer.data(), received.data(), rows.data(), 8});
  });
  EXPECT_TRUE(isEither(text, "at step 6 rank 1 has 2 rows, rank 0 expects 1",
                       "at step 6 rank 0 has 1 rows, rank 1 expects 2"))
      << text;
}

TEST_P(CommunicatorTest, RoundsThatDoNotMeetAreTold) {
  auto group = make(2);
  std::vector<int64_t> buffer(4);
  // Each sends in its round 0 but receives in round 1.
  std::string text = disagreement(*group, [&](Communicator &comm) {
    int32_t peer = 1 - static_cast<int32_t>(comm.rank());
    std::vector<int32_t> to = {peer, -1}, from = {-1, peer};
    std::vector<int64_t> received(4), rows = {1, 1};
    return comm.allToAll({.step = 2,
                          .send = buffer.data(),
                          .sendRows = rows.data(),
                          .receive = received.data(),
                          .receiveRows = rows.data(),
                          .rowBytes = 8,
                          .sendTo = to.data(),
                          .receiveFrom = from.data(),
                          .rounds = 2});
  });
  EXPECT_TRUE(isEither(text,
                       "in round 1 of step 2 rank 0 receives from rank 1, "
                       "which sends to rank -1",
                       "in round 1 of step 2 rank 1 receives from rank 0, "
                       "which sends to rank -1"))
      << text;
}

//===----------------------------------------------------------------------===//
// Checks that all backends share
//===----------------------------------------------------------------------===//

TEST(CommunicatorFaults, CountsAndRoundsOfOneRank) {
  std::vector<int64_t> out = {1, 2, 3}, in = {1, 0, 4};
  std::vector<int32_t> to = {1, 2}, from = {2, -1};
  auto fault = [&](int64_t rowBytes = 8) {
    AllToAll op{.step = 7,
                .sendRows = out.data(),
                .receiveRows = in.data(),
                .rowBytes = rowBytes,
                .sendTo = to.data(),
                .receiveFrom = from.data(),
                .rounds = 2};
    return findFault(op, 0, 3).value_or("none");
  };
  EXPECT_EQ(fault(), "none");
  EXPECT_EQ(fault(-1), "step 7 has a negative number of rows or bytes");
  EXPECT_EQ(fault(INT64_MAX), "step 7 has more bytes than 64 bits count");
  out[1] = INT64_MAX;
  EXPECT_EQ(fault(), "step 7 has more rows than 64 bits count");
  out[1] = -2;
  EXPECT_EQ(fault(), "step 7 has a negative number of rows or bytes");
  out[1] = 2;
  in[0] = 2;
  EXPECT_EQ(fault(), "at step 7 rank 0 sends itself 1 rows but expects 2");
  in[0] = 1;
  to = {1, 3};
  EXPECT_EQ(fault(), "round 1 of step 7 names rank 3, but there are 3 ranks");
  to = {1, 1};
  EXPECT_EQ(fault(), "the rounds of step 7 make rank 0 send to rank 1 twice");
  to = {1, -1};
  EXPECT_EQ(fault(), "no round of step 7 makes rank 0 send to rank 2, but "
                     "there are 3 rows");
  to = {1, 2};
  from = {-1, -1};
  EXPECT_EQ(fault(), "no round of step 7 makes rank 0 receive from rank 2, "
                     "but there are 4 rows");
  AllToAll negative{
      .step = 7, .sendRows = in.data(), .receiveRows = in.data(), .rounds = -1};
  EXPECT_EQ(findFault(negative, 0, 3), "step 7 has -1 rounds");
  out = {1, -1};
  EXPECT_EQ(findFault(AllGather{.step = 7, .rows = out.data()}, 2),
            "step 7 has a negative number of rows or bytes");
}
