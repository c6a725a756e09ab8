#include "plan/AllToAllOpenShop.h"

#include "plan/Matching.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <numeric>

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

/// Pairs and lines below the threshold, filed by the weight they had when they
/// came here, in classes that are a sixteenth of a power of two wide. Weights
/// only fall, so nothing is ever filed too low. Lists are intrusive: an item is
/// in at most one class.
class Waiting {
public:
  explicit Waiting(int64_t items) : next(items) { head.fill(-1); }

  void file(int32_t item, int64_t weight) {
    int32_t c = classOf(weight);
    next[item] = head[c];
    head[c] = item;
  }

  /// Takes the highest class that has items; calls `visit` for each.
  template <typename Visit> int64_t openClass(Visit visit) {
    while (head[top] < 0)
      --top;
    int64_t threshold = smallestOf(top);
    for (int32_t item = std::exchange(head[top], -1); item >= 0;) {
      int32_t following = next[item]; // visit may file the item again
      visit(item, threshold);
      item = following;
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

/// The columns of every row, and the rows of every column, that had bytes left
/// when the line was last looked at.
class Peers {
public:
  explicit Peers(const SquareMatrix &left)
      : begin(2 * left.n + 1, 0), count(2 * left.n, 0) {
    const int32_t n = left.n;
    auto forEach = [&](auto add) {
      for (int32_t row = 0; row < n; ++row)
        for (int32_t column = 0; column < n; ++column)
          if (left(row, column) > 0) {
            add(row, column);
            add(n + column, row);
          }
    };
    forEach([&](int32_t line, int32_t) { ++begin[line + 1]; });
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    others.resize(begin.back());
    forEach([&](int32_t line, int32_t other) {
      others[begin[line] + count[line]++] = other;
    });
  }

  /// Calls `keep` for every peer of the line and forgets it when that says no.
  template <typename Keep> void visit(int32_t line, Keep keep) {
    int32_t *first = others.data() + begin[line];
    count[line] = static_cast<int32_t>(
        std::remove_if(first, first + count[line],
                       [&](int32_t other) { return !keep(other); }) -
        first);
  }

private:
  std::vector<int32_t> begin, count, others;
};

/// A pair without bytes weighs what the lesser slack of its lines does. Such
/// pairs, most of a sparse matrix, are never looked at one by one: the lines
/// whose slack reaches the threshold are the matcher's common rows and columns.
class Decomposer {
public:
  explicit Decomposer(SquareMatrix matrix)
      : n(matrix.n), left(std::move(matrix)), slack(lineSums(left)), matcher(n),
        waiting(int64_t{n} * n + 2 * n), peers(left) {
    remaining =
        slack.empty() ? 0 : *std::max_element(slack.begin(), slack.end());
    for (int32_t line = 0; line < 2 * n; ++line) {
      slack[line] = remaining - slack[line];
      fileLine(line);
    }
    for (int32_t row = 0; row < n; ++row)
      for (int32_t column = 0; column < n; ++column)
        if (left(row, column) > 0)
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
    waiting.file(row * n + column, weight(row, column));
  }

  void fileLine(int32_t line) {
    if (slack[line] > 0)
      waiting.file(n * n + line, slack[line]);
  }

  /// Lowers the threshold until the pairs above it have a perfect matching.
  /// There is one among the pairs of positive weight (Koenig: the slack-filled
  /// matrix has equal sums), so classes never run out.
  void findMatching() {
    while (!matcher.maximize())
      for (bool opened = false; !opened;)
        threshold = waiting.openClass([&](int32_t item, int64_t smallest) {
          opened |= item < n * n ? admit(item / n, item % n, smallest)
                                 : admitLine(item - n * n, smallest);
        });
  }

  bool admit(int32_t row, int32_t column, int64_t smallest) {
    if (left(row, column) == 0)
      return false;
    if (weight(row, column) >= smallest)
      return matcher.addEdge(row, column);
    file(row, column);
    return false;
  }

  bool admitLine(int32_t line, int64_t smallest) {
    if (slack[line] < smallest) {
      fileLine(line);
      return false;
    }
    return line < n ? matcher.addCommonRow(line)
                    : matcher.addCommonColumn(line - n);
  }

  void retire(int32_t row, int32_t column) {
    if (!matcher.hasSingleEdge(row, column))
      return;
    const bool sent = left(row, column) == 0;
    if (!sent && weight(row, column) >= threshold)
      return;
    matcher.removeEdge(row, column);
    if (!sent)
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
      retirePeers(line);
    return round;
  }

  void spendSlack(int32_t line, int64_t amount) {
    const bool common = slack[line] >= threshold;
    slack[line] -= amount;
    if (amount == 0 || slack[line] >= threshold)
      return;
    lowered.push_back(line);
    if (!common)
      return;
    if (line < n)
      matcher.removeCommonRow(line);
    else
      matcher.removeCommonColumn(line - n);
    fileLine(line);
  }

  /// Looks at every pair of a line that has bytes left.
  void retirePeers(int32_t line) {
    peers.visit(line, [&](int32_t other) {
      const int32_t row = line < n ? line : other;
      const int32_t column = line < n ? other : line - n;
      retire(row, column);
      return left(row, column) > 0;
    });
  }

  int32_t n;
  SquareMatrix left;          // still to be sent
  std::vector<int64_t> slack; // of rows, then of columns
  BipartiteMatcher matcher;   // pairs whose weight is at least the threshold
  Waiting waiting;            // the others, unless their weight is 0
  Peers peers;
  int64_t threshold = std::numeric_limits<int64_t>::max();
  int64_t remaining = 0; // length of the rounds to come
  std::vector<int32_t> lowered, used;
};

} // namespace

std::vector<Round> moec::plan::decompose(SquareMatrix matrix) {
  return Decomposer(std::move(matrix)).run();
}
