#include "plan/Matching.h"

#include <algorithm>
#include <bit>

using namespace moec::plan;

BipartiteMatcher::BipartiteMatcher(int32_t n)
    : n(n), words((n + 63) / 64), edges(size_t(n) * words), commonRow(n),
      commonColumns(words), layers(size_t(n + 1) * words), freeColumns(words),
      unmet(words), rowMet(n), columnOfRow(n, -1), rowOfColumn(n, -1) {
  for (int32_t column = 0; column < n; ++column)
    freeColumns[column / 64] |= uint64_t{1} << (column % 64);
  frontier.reserve(n);
}

/// Takes the pair out of the matching if it is in it and lost its edge.
void BipartiteMatcher::unmatchWithoutEdge(int32_t row, int32_t column) {
  if (row < 0 || column < 0 || columnOfRow[row] != column ||
      hasEdge(row, column))
    return;
  freeColumns[column / 64] |= uint64_t{1} << (column % 64);
  columnOfRow[row] = rowOfColumn[column] = -1;
  --matchedRows;
}

void BipartiteMatcher::removeEdge(int32_t row, int32_t column) {
  edges[row * words + column / 64] &= ~(uint64_t{1} << (column % 64));
  unmatchWithoutEdge(row, column);
}

void BipartiteMatcher::removeCommonRow(int32_t row) {
  commonRow[row] = 0;
  unmatchWithoutEdge(row, columnOfRow[row]);
}

void BipartiteMatcher::removeCommonColumn(int32_t column) {
  commonColumns[column / 64] &= ~(uint64_t{1} << (column % 64));
  unmatchWithoutEdge(rowOfColumn[column], column);
}

bool BipartiteMatcher::addCommonRow(int32_t row) {
  commonRow[row] = ~uint64_t{0};
  return rowMet[row] && reachFrom(row);
}

bool BipartiteMatcher::addCommonColumn(int32_t column) {
  const uint64_t bit = uint64_t{1} << (column % 64);
  commonColumns[column / 64] |= bit;
  if (!(unmet[column / 64] & bit))
    return false;
  for (int32_t row = 0; row < n; ++row)
    if (rowMet[row] && commonRow[row])
      return reachColumn(column);
  return false;
}

bool BipartiteMatcher::addEdge(int32_t row, int32_t column) {
  uint64_t bit = uint64_t{1} << (column % 64);
  edges[row * words + column / 64] |= bit;
  return rowMet[row] && (unmet[column / 64] & bit) && reachColumn(column);
}

/// Grows the set of reached columns by `column` and by everything it leads to.
/// True when a free column is among them.
bool BipartiteMatcher::reachColumn(int32_t column) {
  unmet[column / 64] &= ~(uint64_t{1} << (column % 64));
  if (rowOfColumn[column] < 0)
    return true;
  return reachFrom(rowOfColumn[column]);
}

bool BipartiteMatcher::reachFrom(int32_t start) {
  frontier.assign(1, start);
  while (!frontier.empty()) {
    int32_t row = frontier.back();
    frontier.pop_back();
    rowMet[row] = 1;
    for (int32_t w = 0; w < words; ++w) {
      uint64_t met = edgesOf(row, w) & unmet[w];
      unmet[w] &= ~met;
      for (; met; met &= met - 1) {
        int32_t mate = rowOfColumn[w * 64 + std::countr_zero(met)];
        if (mate < 0)
          return true;
        frontier.push_back(mate);
      }
    }
  }
  return false;
}

bool BipartiteMatcher::matchDirectly(int32_t row) {
  for (int32_t w = 0; w < words; ++w)
    if (uint64_t bits = edgesOf(row, w) & freeColumns[w]) {
      freeColumns[w] &= ~(bits & -bits);
      columnOfRow[row] = w * 64 + std::countr_zero(bits);
      rowOfColumn[columnOfRow[row]] = row;
      return true;
    }
  return false;
}

/// Breadth-first search from all free rows at once. Fills one layer of columns
/// per depth and stops at the first depth that holds free columns, which become
/// the last layer; false when there are none, and then `rowMet` and `unmet`
/// describe all reachable nodes.
bool BipartiteMatcher::buildLayers() {
  std::fill(unmet.begin(), unmet.end(), ~uint64_t{0});
  std::fill(rowMet.begin(), rowMet.end(), 0);
  frontier.clear();
  for (int32_t row = 0; row < n; ++row)
    if (columnOfRow[row] < 0) {
      frontier.push_back(row);
      rowMet[row] = 1;
    }
  for (uint64_t *layer = layers.data(); !frontier.empty(); layer += words) {
    std::fill(layer, layer + words, 0);
    for (int32_t row : frontier)
      for (int32_t w = 0; w < words; ++w)
        layer[w] |= edgesOf(row, w);
    uint64_t found = 0;
    for (int32_t w = 0; w < words; ++w)
      found |= layer[w] & freeColumns[w];
    if (found) {
      for (int32_t w = 0; w < words; ++w)
        layer[w] &= freeColumns[w];
      return true;
    }
    frontier.clear();
    for (int32_t w = 0; w < words; ++w) {
      layer[w] &= unmet[w];
      unmet[w] &= ~layer[w];
      for (uint64_t bits = layer[w]; bits; bits &= bits - 1) {
        int32_t mate = rowOfColumn[w * 64 + std::countr_zero(bits)];
        rowMet[mate] = 1;
        frontier.push_back(mate);
      }
    }
  }
  return false;
}

/// Depth-first search along the layers; flips the path it finds.
bool BipartiteMatcher::extend(int32_t row, int32_t depth) {
  uint64_t *layer = &layers[depth * words];
  for (int32_t w = 0; w < words; ++w)
    while (uint64_t bits = edgesOf(row, w) & layer[w]) {
      layer[w] &= ~(bits & -bits);
      int32_t column = w * 64 + std::countr_zero(bits);
      int32_t mate = rowOfColumn[column];
      if (mate < 0)
        freeColumns[w] &= ~(bits & -bits);
      else if (!extend(mate, depth + 1))
        continue;
      columnOfRow[row] = column;
      rowOfColumn[column] = row;
      return true;
    }
  return false;
}

bool BipartiteMatcher::maximize() {
  for (int32_t row = 0; row < n && matchedRows < n; ++row)
    if (columnOfRow[row] < 0)
      matchedRows += matchDirectly(row);
  while (matchedRows < n && buildLayers())
    for (int32_t row = 0; row < n; ++row)
      if (columnOfRow[row] < 0)
        matchedRows += extend(row, 0);
  return matchedRows == n;
}
