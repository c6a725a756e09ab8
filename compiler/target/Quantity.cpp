#include "target/Quantity.h"

#include <charconv>
#include <cmath>
#include <vector>

using namespace moec::target;

namespace {
struct Unit {
  std::string name;
  double factor;
};
} // namespace

static std::vector<Unit> byteUnits(const std::string &suffix) {
  return {{"B" + suffix, 1},        {"kB" + suffix, 1e3},
          {"MB" + suffix, 1e6},     {"GB" + suffix, 1e9},
          {"TB" + suffix, 1e12},    {"KiB" + suffix, 0x1p10},
          {"MiB" + suffix, 0x1p20}, {"GiB" + suffix, 0x1p30},
          {"TiB" + suffix, 0x1p40}};
}

static std::vector<Unit> unitTable(Dimension dimension) {
  switch (dimension) {
  case Dimension::Scalar:
    return {};
  case Dimension::Bytes:
    return byteUnits("");
  case Dimension::Seconds:
    return {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
  case Dimension::Bandwidth: {
    std::vector<Unit> units = byteUnits("/s");
    for (Unit bits :
         {Unit{"b/s", 1. / 8}, Unit{"kb/s", 1e3 / 8}, Unit{"Mb/s", 1e6 / 8},
          Unit{"Gb/s", 1e9 / 8}, Unit{"Tb/s", 1e12 / 8}})
      units.push_back(bits);
    return units;
  }
  case Dimension::Rate:
    return {{"FLOP/s", 1},
            {"MFLOP/s", 1e6},
            {"GFLOP/s", 1e9},
            {"TFLOP/s", 1e12},
            {"PFLOP/s", 1e15}};
  }
  return {};
}

std::optional<double> moec::target::parseQuantity(std::string_view text,
                                                  Dimension dimension) {
  double value = 0;
  const char *end = text.data() + text.size();
  // from_chars refuses a leading plus sign, which YAML allows.
  const char *begin = text.data() + (text.starts_with('+') ? 1 : 0);
  auto [rest, code] = std::from_chars(begin, end, value);
  if (code != std::errc() || !std::isfinite(value))
    return std::nullopt;
  std::string_view unit(rest, static_cast<size_t>(end - rest));
  if (unit.empty())
    return value;
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  for (const Unit &candidate : unitTable(dimension))
    if (unit == candidate.name)
      return value * candidate.factor;
  return std::nullopt;
}

std::string moec::target::unitsOf(Dimension dimension) {
  std::string list;
  for (const Unit &unit : unitTable(dimension))
    list += (list.empty() ? "" : ", ") + unit.name;
  return list;
}
