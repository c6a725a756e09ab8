//===- Quantity.h - Numbers with units ------------------------------------===//
//
// Part of moec. A hardware file says `100 Gb/s`; the planners compute in SI
// units (bytes, seconds, bytes/s, operations/s). A number without a unit is
// already in SI.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_QUANTITY_H
#define MOEC_TARGET_QUANTITY_H

#include <optional>
#include <string>
#include <string_view>

namespace moec::target {

enum class Dimension {
  Scalar,    ///< no unit
  Bytes,     ///< B, kB, MB, GB, TB (powers of 1000); KiB, MiB, GiB, TiB
  Seconds,   ///< s, ms, us, ns
  Bandwidth, ///< B/s ... TB/s, KiB/s ... TiB/s, and bits: b/s ... Tb/s
  Rate,      ///< FLOP/s ... PFLOP/s
};

/// The value in SI units, or nothing when `text` is no finite decimal number
/// or its unit does not belong to `dimension`.
std::optional<double> parseQuantity(std::string_view text, Dimension dimension);

/// The units a message may offer, e.g. "B/s, kB/s, ..., Gb/s".
std::string unitsOf(Dimension dimension);

} // namespace moec::target

#endif // MOEC_TARGET_QUANTITY_H
