//===- MoeLowering.h - Lowering of the moe ops ----------------------------===//
//
// Part of moec. Written in the same vocabulary as the lowering of onnx
// (passes/import/lowering). One function per op; each takes lowered tensors and
// returns lowered tensors, so that the single-device and the distributed form of
// a layer share them.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_MOE_MOELOWERING_H
#define MOEC_PASSES_LOWER_MOE_MOELOWERING_H

#include "dialect/moe/Moe.h"
#include "passes/import/lowering/Lowering.h"

namespace moec {

/// Weights [N, k] (f32) and expert ids [N, k] (i32).
struct Routing {
  SymTensor weights, experts;
};
Routing lowerRoute(Lowering &l, moe::RouteOp op);

/// How the choices of tokens are grouped by id: the rows of each id lie one after
/// another.
struct Dispatched {
  SymTensor counts;  ///< [groups] rows of each id (i64)
  SymTensor slots;   ///< [N, k] the row of each choice (i32)
  SymTensor sources; ///< [N * k] the token of each row (i32)
};
/// `ids` [N, k] in [0, groups).
Dispatched lowerDispatch(Lowering &l, const SymTensor &ids, int64_t groups);
/// The rows themselves, [N * k, H], of `tokens` [N, H].
SymTensor gatherRows(Lowering &l, const SymTensor &tokens, const SymTensor &slots);

/// Where the experts of a layer live: per rank, the expert of each local slot.
using ExpertPlacement = llvm::SmallVector<llvm::SmallVector<int64_t>>;

/// The rows of experts: row r is `tokens`[sources[r]] (f32), which only the
/// experts' kernel gathers, or without sources `tokens`[r].
struct ExpertRows {
  SymTensor tokens;
  std::optional<SymTensor> sources;
  SymTensor counts; ///< of each local slot
  Sym total;        ///< rows on all ranks together
};
/// The FFN on rows grouped by local slot. Without a placement a slot is an
/// expert. Result [R, out] f32.
SymTensor lowerExperts(Lowering &l, moe::ExpertsOp op, const ExpertRows &rows,
                       const ExpertPlacement &placement);

/// Weighted sum in choice order; everything f32.
SymTensor lowerCombine(Lowering &l, const SymTensor &y, const SymTensor &slots,
                       const SymTensor &weights);

/// dispatch, experts and combine of one layer over all ranks of `placement`:
/// every rank takes its share of the tokens, sends rows to the experts' ranks,
/// gets the results back and all ranks gather the whole output. The result
/// equals the single-device layer bit for bit.
SymTensor lowerDistributedLayer(Lowering &l, moe::DispatchOp dispatch,
                      moe::ExpertsOp experts, moe::CombineOp combine,
                      const ExpertPlacement &placement, int64_t &step);

} // namespace moec

#endif // MOEC_PASSES_LOWER_MOE_MOELOWERING_H
