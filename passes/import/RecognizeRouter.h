//===- RecognizeRouter.h - From a top-k to moe.route ----------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZEROUTER_H
#define MOEC_PASSES_IMPORT_RECOGNIZEROUTER_H

#include "dialect/moe/Moe.h"
#include "passes/import/RecognizeAnalysis.h"

namespace moec::recognize {

/// What moe.route is to do in place of a top-k and of the arithmetic around it.
/// What cannot be expressed stays as ordinary ops before or behind the route.
struct Router {
  /// Null where the ids and weights stay as the graph computes them.
  mlir::Value logits;
  moe::Score score = moe::Score::Identity;
  mlir::Value bias;
  int64_t groups = 1, topGroups = 1;
  moe::GroupScore groupScore = moe::GroupScore::Max;
  double groupMask = 0;
  mlir::Value weightsFrom;
  moe::Normalize normalize = moe::Normalize::None;
  double epsilon = 0, floor = 0, scale = 1;
  /// The value that the route's weights replace.
  mlir::Value weights;
};

/// Reads the router of `selection` whose choices are weighted by `weights` (a
/// value of [tokens, k] or a view of one). Nothing if the weights do not come
/// from the selected scores; `why` then says so.
std::optional<Router> readRouter(const Analysis &analysis,
                                 const Selection &selection,
                                 mlir::Value weights, std::string &why);

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEROUTER_H
