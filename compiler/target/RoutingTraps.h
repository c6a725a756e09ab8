//===- RoutingTraps.h - What is wrong with recorded statistics ------------===//
//
// Part of moec. Published traces contain artefacts that look like routing.
// Each rule below was seen in real files.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_ROUTINGTRAPS_H
#define MOEC_TARGET_ROUTINGTRAPS_H

#include "plan/Routing.h"

#include <string>
#include <vector>

namespace moec::target {

/// One sentence for each trap found:
/// * copied layers: two layers are equal in every id or load (fake depth);
/// * dummy rows: long runs of equal rows, as an engine's profiling makes them;
/// * dropped records: holes, or layers that count different numbers of tokens;
/// * repeated experts: a token names one expert twice;
/// * padding cliff: exactly k experts stand far above all others, which is
///   what repeated or padding tokens do to counts.
std::vector<std::string> findTraps(const plan::RoutingTrace &trace);

} // namespace moec::target

#endif // MOEC_TARGET_ROUTINGTRAPS_H
