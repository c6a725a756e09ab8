//===- Matching.h - Maximum matching in a bipartite graph -----------------===//
//
// Part of moec. A bipartite graph of n rows and n columns that changes by
// single edges, and a maximum matching that is repaired instead of recomputed.
// Every solver that needs a (bottleneck) matching is built on this class.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_MATCHING_H
#define MOEC_PLAN_MATCHING_H

#include <cstdint>
#include <vector>

namespace moec::plan {

/// Hopcroft-Karp on bit rows, started from whatever is matched already.
///
/// Objective: a matching of maximum cardinality.
/// Complexity: O(sqrt(n) * n^2 / 64) from scratch; one phase, O(n^2 / 64),
/// mends a few removed edges.
/// Source: Hopcroft and Karp, SIAM J. Comput. 2(4), 1973. Layers are bit sets:
/// a column leaves its layer the first time a search takes it.
class BipartiteMatcher {
public:
  /// No edges yet; n >= 0 rows and as many columns.
  explicit BipartiteMatcher(int32_t n);

  int32_t size() const { return n; }
  /// A single edge or a common one.
  bool hasEdge(int32_t row, int32_t column) const {
    return edgesOf(row, column / 64) >> (column % 64) & 1;
  }
  bool hasSingleEdge(int32_t row, int32_t column) const {
    return edges[row * words + column / 64] >> (column % 64) & 1;
  }

  /// Adds an edge. Returns true when, after a `maximize()` that returned false
  /// and with only edges added since, the edge opens an augmenting path, so
  /// that `maximize()` will now match one more row. Calling it for edges in
  /// descending weight until it returns true is how thresholds are lowered.
  bool addEdge(int32_t row, int32_t column);

  /// Removes a single edge, and from the matching too if it is in it and no
  /// common edge stands for it.
  void removeEdge(int32_t row, int32_t column);

  /// Every common row is joined to every common column: up to n^2 edges that
  /// come and go with one line in O(1). Returns what `addEdge` returns.
  bool addCommonRow(int32_t row);
  bool addCommonColumn(int32_t column);
  void removeCommonRow(int32_t row);
  void removeCommonColumn(int32_t column);

  /// Makes the matching maximum; true when it is perfect.
  bool maximize();

  /// The matched column of a row, or -1; and the reverse.
  int32_t columnOf(int32_t row) const { return columnOfRow[row]; }
  int32_t rowOf(int32_t column) const { return rowOfColumn[column]; }
  const std::vector<int32_t> &columns() const { return columnOfRow; }
  int32_t matched() const { return matchedRows; }

private:
  uint64_t edgesOf(int32_t row, int32_t word) const {
    return edges[row * words + word] | (commonRow[row] & commonColumns[word]);
  }
  void unmatchWithoutEdge(int32_t row, int32_t column);
  bool matchDirectly(int32_t row);
  bool buildLayers();
  bool extend(int32_t row, int32_t depth);
  bool reachColumn(int32_t column);
  bool reachFrom(int32_t row);

  int32_t n, words;
  int32_t matchedRows = 0;
  std::vector<uint64_t> edges;         // [n][words], single, bit = column
  std::vector<uint64_t> commonRow;     // [n] all bits or none
  std::vector<uint64_t> commonColumns; // [words]
  std::vector<uint64_t> layers; // [n + 1][words], columns first met at a depth
  std::vector<uint64_t> freeColumns;
  std::vector<uint64_t> unmet; // columns no alternating path reaches
  std::vector<uint8_t> rowMet; // rows reached by an alternating path
  std::vector<int32_t> frontier;
  std::vector<int32_t> columnOfRow, rowOfColumn;
};

} // namespace moec::plan

#endif // MOEC_PLAN_MATCHING_H
