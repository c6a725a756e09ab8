#include "target/Suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace moec::target;

/// Levenshtein distance by the usual two-row table.
static size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

std::string
moec::target::unknownKeyMessage(std::string_view key,
                                std::span<const std::string_view> known) {
  std::string_view shown = key.substr(0, 40);
  std::string_view nearest;
  size_t best = std::max<size_t>(2, shown.size() / 3) + 1;
  for (std::string_view candidate : known)
    if (size_t distance = editDistance(shown, candidate); distance < best) {
      best = distance;
      nearest = candidate;
    }
  if (!nearest.empty())
    return fmt::format("unknown key '{}'; did you mean '{}'?", shown, nearest);
  return fmt::format("unknown key '{}'; the keys here are {}", shown,
                     fmt::join(known, ", "));
}
