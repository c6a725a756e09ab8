#include "plan/AllToAllOpenShop.h"

#include "plan/Matching.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

using namespace moec::plan;

/// Row sums, then column sums, [2n].
static std::vector<int64_t> lineSums(const SquareMatrix &matrix) {
  std::vector<int64_t> sums(2 * matrix.n, 0);
  for (int32_t row = 0; row < matrix.n; ++row)
    for (int32_t column = 0; column < matrix.n; ++column) {
      int64_t value = matrix(row, column);
      sums[row] += value;
      sums[matrix.n + column] += value;
    }
  return sums;
}

int64_t SquareMatrix::largestSum() const {
  std::vector<int64_t> sums = lineSums(*this);
  return sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
}

namespace {

/// Pairs below the threshold, filed by the weight they had when they came here,
/// in classes that are a sixteenth of a power of two wide. Weights only fall,
/// so a pair is never filed too low. Lists are intrusive: a pair is in at most
/// one class.
class WaitingPairs {
public:
  explicit WaitingPairs(int64_t pairs) : next(pairs) { head.fill(-1); }

  void file(int32_t pair, int64_t weight) {
    int32_t c = classOf(weight);
    next[pair] = head[c];
    head[c] = pair;
  }

  /// Takes the highest class that has pairs; calls `visit` for each.
  template <typename Visit> int64_t openClass(Visit visit) {
    while (head[top] < 0)
      --top;
    int64_t threshold = smallestOf(top);
    for (int32_t pair = std::exchange(head[top], -1); pair >= 0;) {
      int32_t following = next[pair]; // visit may file the pair again
      visit(pair, threshold);
      pair = following;
    }
    return threshold;
  }

private:
  static constexpr int32_t fraction = 4; // bits below the leading one

  static int32_t classOf(int64_t weight) {
    int32_t width = std::bit_width(static_cast<uint64_t>(weight));
    if (width <= fraction)
      return static_cast<int32_t>(weight);
    int32_t low = static_cast<int32_t>(weight >> (width - 1 - fraction)) &
                  ((1 << fraction) - 1);
    return ((width - fraction) << fraction) + low;
  }
  static int64_t smallestOf(int32_t c) {
    int32_t width = (c >> fraction) + fraction;
    if (width == fraction)
      return c;
    int64_t digits = (1 << fraction) + (c & ((1 << fraction) - 1));
    return digits << (width - 1 - fraction);
  }

  std::array<int32_t, 64 << fraction> head;
  std::vector<int32_t> next;
  int32_t top = (64 << fraction) - 1;
};

class Decomposer {
public:
  explicit Decomposer(SquareMatrix matrix)
      : n(matrix.n), left(std::move(matrix)), slack(lineSums(left)), matcher(n),
        waiting(int64_t{n} * n) {
    remaining =
        slack.empty() ? 0 : *std::max_element(slack.begin(), slack.end());
    for (int64_t &value : slack)
      value = remaining - value;
    for (int32_t row = 0; row < n; ++row)
      for (int32_t column = 0; column < n; ++column)
        file(row, column);
  }

  std::vector<Round> run() {
    std::vector<Round> rounds;
    while (remaining > 0) {
      findMatching();
      rounds.push_back(takeRound());
    }
    return rounds;
  }

private:
  int64_t weight(int32_t row, int32_t column) const {
    return left(row, column) + std::min(slack[row], slack[n + column]);
  }

  void file(int32_t row, int32_t column) {
    if (int64_t value = weight(row, column))
      waiting.file(row * n + column, value);
  }

  /// Lowers the threshold until the pairs above it have a perfect matching.
  /// There is one among the pairs of positive weight (Koenig: the slack-filled
  /// matrix has equal sums), so classes never run out.
  void findMatching() {
    while (!matcher.maximize())
      for (bool opened = false; !opened;)
        threshold = waiting.openClass([&](int32_t pair, int64_t smallest) {
          int32_t row = pair / n, column = pair % n;
          if (weight(row, column) >= smallest)
            opened |= matcher.addEdge(row, column);
          else
            file(row, column);
        });
  }

  void retire(int32_t row, int32_t column) {
    if (!matcher.hasEdge(row, column) || weight(row, column) >= threshold)
      return;
    matcher.removeEdge(row, column);
    file(row, column);
  }

  Round takeRound() {
    int64_t length = std::numeric_limits<int64_t>::max();
    for (int32_t row = 0; row < n; ++row)
      length = std::min(length, weight(row, matcher.columnOf(row)));
    remaining -= length;
    Round round;
    round.sends.reserve(n);
    lowered.clear();
    used = matcher.columns();
    for (int32_t row = 0; row < n; ++row) {
      int32_t column = used[row];
      int64_t bytes = std::min(length, left(row, column));
      if (bytes > 0)
        round.sends.push_back({row, column, bytes});
      left(row, column) -= bytes;
      spendSlack(row, length - bytes);
      spendSlack(n + column, length - bytes);
    }
    for (int32_t row = 0; row < n; ++row)
      retire(row, used[row]);
    for (int32_t line : lowered)
      for (int32_t other = 0; other < n; ++other)
        if (line < n)
          retire(line, other);
        else
          retire(other, line - n);
    return round;
  }

  void spendSlack(int32_t line, int64_t amount) {
    slack[line] -= amount;
    if (amount > 0 && slack[line] < threshold)
      lowered.push_back(line);
  }

  int32_t n;
  SquareMatrix left;          // still to be sent
  std::vector<int64_t> slack; // of rows, then of columns
  BipartiteMatcher matcher;   // pairs whose weight is at least the threshold
  WaitingPairs waiting;       // the others, unless their weight is 0
  int64_t threshold = 0;
  int64_t remaining = 0; // length of the rounds to come
  std::vector<int32_t> lowered, used;
};

} // namespace

std::vector<Round> moec::plan::decompose(SquareMatrix matrix) {
  return Decomposer(std::move(matrix)).run();
}
