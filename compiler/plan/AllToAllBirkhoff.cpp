#include "plan/AllToAllBirkhoff.h"

#include "plan/Matching.h"

#include <algorithm>
#include <limits>

using namespace moec::plan;

/// Row sums then column sums, [2n].
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

void moec::plan::fillSlack(SquareMatrix &matrix) {
  const int32_t n = matrix.n;
  std::vector<int64_t> sums = lineSums(matrix);
  if (sums.empty())
    return;
  const int64_t target = *std::max_element(sums.begin(), sums.end());
  auto raise = [&](int32_t row, int32_t column) {
    int64_t slack = target - std::max(sums[row], sums[n + column]);
    matrix(row, column) += slack;
    sums[row] += slack;
    sums[n + column] += slack;
  };
  for (int32_t i = 0; i < n; ++i)
    raise(i, i);
  for (int32_t row = 0, column = 0; row < n && column < n;) {
    raise(row, column);
    if (sums[row] == target)
      ++row;
    else
      ++column;
  }
}

namespace {

struct Entry {
  int64_t value;
  int32_t row, column;
  /// Largest value first; ties by position, so that results never depend on
  /// the sort.
  bool operator<(const Entry &other) const {
    if (value != other.value)
      return value < other.value;
    return row != other.row ? row > other.row : column > other.column;
  }
};

/// Entries below the threshold, largest first: those that never were above it
/// (sorted once) and those that fell below it (a heap).
class WaitingEntries {
public:
  explicit WaitingEntries(const SquareMatrix &matrix) {
    for (int32_t row = 0; row < matrix.n; ++row)
      for (int32_t column = 0; column < matrix.n; ++column)
        if (int64_t value = matrix(row, column))
          sorted.push_back({value, row, column});
    std::sort(sorted.begin(), sorted.end());
  }

  Entry pop() {
    bool takeFallen = sorted.empty() ||
                      (!fallen.empty() && sorted.back() < fallen.front());
    if (!takeFallen) {
      Entry entry = sorted.back();
      sorted.pop_back();
      return entry;
    }
    std::pop_heap(fallen.begin(), fallen.end());
    Entry entry = fallen.back();
    fallen.pop_back();
    return entry;
  }

  void push(Entry entry) {
    fallen.push_back(entry);
    std::push_heap(fallen.begin(), fallen.end());
  }

private:
  std::vector<Entry> sorted, fallen;
};

} // namespace

/// Subtracts the matching's smallest entry. Entries that fall below it leave
/// the graph: the next bottleneck may be as large, never larger.
static int64_t subtractMatching(SquareMatrix &matrix, BipartiteMatcher &matcher,
                                WaitingEntries &waiting) {
  int64_t amount = std::numeric_limits<int64_t>::max();
  for (int32_t row = 0; row < matrix.n; ++row)
    amount = std::min(amount, matrix(row, matcher.columnOf(row)));
  for (int32_t row = 0; row < matrix.n; ++row) {
    int32_t column = matcher.columnOf(row);
    int64_t rest = matrix(row, column) -= amount;
    if (rest >= amount)
      continue;
    matcher.removeEdge(row, column);
    if (rest > 0)
      waiting.push({rest, row, column});
  }
  return amount;
}

Result<std::vector<Permutation>>
moec::plan::decomposeBirkhoff(SquareMatrix matrix) {
  std::vector<int64_t> sums = lineSums(matrix);
  for (size_t i = 1; i < sums.size(); ++i)
    if (sums[i] != sums[0])
      return invalid("row 0 sums to " + std::to_string(sums[0]) + " and line " +
                     std::to_string(i) + " (rows, then columns) to " +
                     std::to_string(sums[i]) +
                     "; a Birkhoff decomposition needs equal sums");
  std::vector<Permutation> result;
  WaitingEntries waiting(matrix);
  BipartiteMatcher matcher(matrix.n);
  for (int64_t left = sums.empty() ? 0 : sums[0]; left > 0;) {
    // A matrix with equal positive sums has a perfect matching (Koenig), so
    // the entries never run out first.
    while (!matcher.maximize()) {
      for (bool opened = false; !opened;) {
        Entry entry = waiting.pop();
        opened = matcher.addEdge(entry.row, entry.column);
      }
    }
    Permutation step;
    step.columnOf = matcher.columns();
    step.amount = subtractMatching(matrix, matcher, waiting);
    left -= step.amount;
    result.push_back(std::move(step));
  }
  return result;
}
