#include "target/TrafficCsv.h"

#include "target/TextFile.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

using namespace moec;
using namespace moec::target;

static constexpr size_t maxRanks = 4096;

static std::string_view trim(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

namespace {
class TrafficReader {
public:
  explicit TrafficReader(const std::string &file) : file(file) {}

  plan::TrafficMatrix run(std::string_view text) {
    // The first row says how many there are.
    for (; !text.empty(); ++line) {
      size_t end = std::min(text.find('\n'), text.size());
      readLine(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (rows.empty())
      throw FileError{file, 1, 1, "", "no row of numbers"};
    size_t n = rows.front().size();
    if (rows.size() != n)
      throw FileError{file, line, 1, "",
                      fmt::format("{} rows of {} numbers; a traffic matrix is "
                                  "square",
                                  rows.size(), n)};
    plan::TrafficMatrix traffic(static_cast<int64_t>(n));
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < n; ++j)
        traffic(static_cast<int64_t>(i), static_cast<int64_t>(j)) = rows[i][j];
    return traffic;
  }

private:
  void readLine(std::string_view text) {
    if (trim(text).empty()) {
      if (!rows.empty())
        ended = true;
      return;
    }
    if (ended)
      throw FileError{file, line, 1, "", "numbers behind an empty line"};
    std::vector<int64_t> row;
    std::vector<size_t> begins;
    size_t at = 0;
    while (at <= text.size()) {
      size_t end = std::min(text.find(',', at), text.size());
      row.push_back(readCell(text.substr(at, end - at), at));
      begins.push_back(at);
      at = end + 1;
      if (row.size() > maxRanks)
        break;
    }
    if (row.size() > maxRanks || rows.size() == maxRanks)
      throw FileError{file, line, 1, "",
                      fmt::format("more than {} rows or columns", maxRanks)};
    if (!rows.empty() && row.size() != rows.front().size())
      throw FileError{file, line, 1, "",
                      fmt::format("{} numbers; the first row has {}",
                                  row.size(), rows.front().size())};
    checkSizes(row, begins);
    rows.push_back(std::move(row));
  }

  /// What `TrafficMatrix::check` demands, at the cell that fails.
  void checkSizes(const std::vector<int64_t> &row,
                  const std::vector<size_t> &begins) const {
    const int64_t n = static_cast<int64_t>(row.size());
    for (size_t i = 0; i < row.size(); ++i)
      if (row[i] > plan::TrafficMatrix::largestEntry(n))
        throw FileError{file, line, static_cast<int>(begins[i]) + 1, "",
                        fmt::format("{} bytes; expected at most {} between {} "
                                    "ranks, so that sums fit 62 bits",
                                    row[i],
                                    plan::TrafficMatrix::largestEntry(n), n)};
  }

  int64_t readCell(std::string_view cell, size_t at) const {
    std::string_view word = trim(cell);
    size_t offset =
        at +
        (word.empty() ? 0 : static_cast<size_t>(word.data() - cell.data()));
    int64_t value = 0;
    auto [rest, code] =
        std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || code != std::errc() ||
        rest != word.data() + word.size() || value < 0)
      throw FileError{file, line, static_cast<int>(offset) + 1, "",
                      fmt::format("'{}' is no number of bytes; expected an "
                                  "integer of at least 0",
                                  word.substr(0, 40))};
    return value;
  }

  const std::string &file;
  int line = 1;
  bool ended = false;
  std::vector<std::vector<int64_t>> rows;
};
} // namespace

Result<plan::TrafficMatrix>
moec::target::parseTraffic(std::string_view text, const std::string &file) {
  return guarded([&] { return TrafficReader(file).run(text); });
}

Result<plan::TrafficMatrix> moec::target::readTraffic(const std::string &path) {
  Result<std::string> text = readFile(path);
  if (!text)
    return text.error();
  return parseTraffic(*text, path);
}
