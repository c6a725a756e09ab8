//===- TrafficCsv.h - Traffic matrices from text --------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_TRAFFICCSV_H
#define MOEC_TARGET_TRAFFICCSV_H

#include "plan/Traffic.h"
#include "target/FileError.h"

#include <string>
#include <string_view>

namespace moec::target {

/// n lines of n integers between commas: bytes from row to column. Spaces
/// around numbers and empty lines at the end are allowed; nothing else is.
/// Errors carry line and column. At most 4096 rows.
Result<plan::TrafficMatrix> readTraffic(const std::string &path);
Result<plan::TrafficMatrix> parseTraffic(std::string_view text,
                                         const std::string &file);

} // namespace moec::target

#endif // MOEC_TARGET_TRAFFICCSV_H
