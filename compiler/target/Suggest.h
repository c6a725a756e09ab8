//===- Suggest.h - "Did you mean ...?" ------------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_SUGGEST_H
#define MOEC_TARGET_SUGGEST_H

#include <span>
#include <string>
#include <string_view>

namespace moec::target {

/// The message about a key that is not in `known`: the nearest known key by
/// edit distance where one is near, else the whole list.
std::string unknownKeyMessage(std::string_view key,
                              std::span<const std::string_view> known);

} // namespace moec::target

#endif // MOEC_TARGET_SUGGEST_H
