//===- Routing.h - The routing statistics of a module ---------------------===//
//
// Part of moec. Totals per expert stand on the layers (`moe.loads`). The trace
// itself, which may be gigabytes, stays in its files: the module names them
// (`moe.routing`), and this analysis holds what they say for as long as passes
// preserve it. Layers with nothing but `moe.loads` get a trace of one step.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_BRIDGE_ROUTING_H
#define MOEC_PASSES_BRIDGE_ROUTING_H

#include "passes/bridge/Layers.h"
#include "plan/Routing.h"

#include <string>
#include <vector>

namespace moec::bridge {

class Routing {
public:
  /// Reads the files that `module` (a ModuleOp) names.
  explicit Routing(mlir::Operation *module);

  /// Why there are no statistics although files are named; empty: all is well.
  const std::string &error() const { return message; }
  /// One sentence each: what is odd about the files.
  const std::vector<std::string> &warnings() const { return oddities; }

  /// What is known about the layer: its part of the trace, else its
  /// `moe.loads`, else nothing (no step).
  plan::LayerRouting of(const Layer &layer) const;

private:
  std::string fit(mlir::ArrayRef<Layer> layers);

  plan::RoutingTrace trace; ///< empty, or as many layers as the module
  std::string message;
  std::vector<std::string> oddities;
};

} // namespace moec::bridge

#endif // MOEC_PASSES_BRIDGE_ROUTING_H
