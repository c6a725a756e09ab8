//===- JsonLocate.h - Where a value stands in JSON text -------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_JSONLOCATE_H
#define MOEC_TARGET_JSONLOCATE_H

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace moec::target {

/// The steps from the root of a tree to a value: member names and indices.
using JsonPath = std::vector<std::variant<std::string, size_t>>;

/// The path to the very object `target` in `tree`. Precondition: it is there.
JsonPath pathTo(const nlohmann::json &tree, const nlohmann::json &target);

/// `layers[3].devices`, as messages show a path.
std::string printPath(const JsonPath &path);

/// Byte offset of the value at `path`. Precondition: `text` is valid JSON and
/// has such a value. Of members with one name the last counts, as it does for
/// the parser.
size_t locate(std::string_view text, const JsonPath &path);

} // namespace moec::target

#endif // MOEC_TARGET_JSONLOCATE_H
