//===- PlanAttrs.cpp - Verifiers of the attributes that hold the plan -----===//

#include "dialect/moe/Moe.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace mlir;
using namespace moec::moe;

using EmitError = function_ref<InFlightDiagnostic()>;

static bool usable(double x) { return std::isfinite(x) && x >= 0; }

//===----------------------------------------------------------------------===//
// Machine
//===----------------------------------------------------------------------===//

static LogicalResult verifyCurve(EmitError emitError, StringRef name,
                                 DenseI64ArrayAttr rowsAttr,
                                 DenseF64ArrayAttr secondsAttr) {
  ArrayRef<int64_t> rows;
  ArrayRef<double> seconds;
  if (rowsAttr)
    rows = rowsAttr.asArrayRef();
  if (secondsAttr)
    seconds = secondsAttr.asArrayRef();
  if (rows.size() != seconds.size()) // device_c4
    return emitError() << "device '" << name << "' has " << rows.size()
                       << " rows and " << seconds.size()
                       << " seconds; its curve needs as many of both";
  for (size_t i = 0; i < rows.size(); ++i)
    if (!usable(seconds[i]) || rows[i] < 0 ||
        (i > 0 &&
         (rows[i] <= rows[i - 1] || seconds[i] < seconds[i - 1]))) // device_c4
      return emitError() << "device '" << name << "': point " << i
                         << " of its curve is (" << rows[i] << " rows, "
                         << seconds[i]
                         << " s); rows must grow and seconds not fall";
  return success();
}

LogicalResult DeviceAttr::verify(EmitError emitError, StringRef name,
                                 DeviceKind, int64_t node, Number speed,
                                 int64_t memory, Number rate, Number bandwidth,
                                 Number latency, DenseI64ArrayAttr rows,
                                 DenseF64ArrayAttr seconds) {
  if (name.empty()) // device_c1
    return emitError() << "a device needs a name";
  if (node < 0 || memory < 0 || !usable(rate) || !usable(bandwidth) ||
      !usable(latency)) // device_c2
    return emitError() << "device '" << name
                       << "': node, memory, rate, bandwidth and latency must "
                          "be finite and not negative";
  if (!usable(speed) || double(speed) == 0) // device_c3
    return emitError() << "device '" << name << "' has speed " << double(speed)
                       << "; expected a positive number";
  return verifyCurve(emitError, name, rows, seconds);
}

LogicalResult TopologyAttr::verify(EmitError emitError,
                                   ArrayRef<DeviceAttr> devices,
                                   DenseF64ArrayAttr network) {
  if (devices.empty()) // topology_c1
    return emitError() << "a topology needs a device";
  llvm::StringSet<> names;
  int64_t nodes = 0;
  for (DeviceAttr device : devices) {
    if (!names.insert(device.getName()).second) // topology_c1
      return emitError() << "two devices are named '" << device.getName()
                         << "'";
    nodes = std::max(nodes, device.getNode() + 1);
  }
  if (nodes > static_cast<int64_t>(devices.size())) // topology_c2
    return emitError() << "node " << nodes - 1 << " of " << devices.size()
                       << " devices; number the nodes from 0 without gaps";
  for (int64_t node = 0; node < nodes; ++node)
    if (llvm::none_of(devices, [&](DeviceAttr device) {
          return device.getNode() == node;
        })) // topology_c2
      return emitError() << "node " << node
                         << " has no device; number the nodes from 0 without "
                            "gaps";
  if (network && (network.size() != nodes ||
                  !llvm::all_of(network.asArrayRef(), [](double x) {
                    return usable(x);
                  }))) // topology_c3
    return emitError() << "network has " << network.size() << " numbers for "
                       << nodes << " nodes; expected one each, not negative";
  return success();
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

LogicalResult PlacementAttr::verify(EmitError emitError,
                                    ArrayRef<DenseI64ArrayAttr> ranks) {
  SmallVector<bool> placed;
  int64_t slots = 0;
  for (DenseI64ArrayAttr rank : ranks)
    slots += rank.size();
  placed.resize(slots, false);
  for (auto [r, list] : llvm::enumerate(ranks)) {
    llvm::SmallDenseSet<int64_t> here;
    for (int64_t expert : list.asArrayRef()) {
      if (expert < 0) // placement_c1
        return emitError() << "rank " << r << " holds expert " << expert
                           << "; ids start at 0";
      if (!here.insert(expert).second) // placement_c2
        return emitError() << "rank " << r << " holds expert " << expert
                           << " twice";
      if (expert < slots)
        placed[expert] = true;
      else // placement_c1
        return emitError() << "rank " << r << " holds expert " << expert
                           << ", but " << slots
                           << " slots cannot hold all experts up to it";
    }
  }
  // Slots beyond the largest id are replicas: only gaps below it are missing.
  while (!placed.empty() && !placed.back())
    placed.pop_back();
  for (auto [expert, is] : llvm::enumerate(placed))
    if (!is) // placement_c1
      return emitError() << "expert " << expert << " is on no rank";
  if (placed.empty()) // placement_c1
    return emitError() << "no rank holds an expert";
  return success();
}

int64_t PlacementAttr::numSlots() const {
  int64_t slots = 0;
  for (DenseI64ArrayAttr rank : getRanks())
    slots += rank.size();
  return slots;
}

int64_t PlacementAttr::numExperts() const {
  int64_t largest = -1;
  for (DenseI64ArrayAttr rank : getRanks())
    for (int64_t expert : rank.asArrayRef())
      largest = std::max(largest, expert);
  return largest + 1;
}

LogicalResult RoundsAttr::verify(EmitError emitError,
                                 ArrayRef<DenseI32ArrayAttr> rounds) {
  if (rounds.empty()) // rounds_c1
    return emitError() << "an order needs a round";
  int64_t ranks = rounds.front().size();
  SmallVector<bool> met(ranks * ranks, false);
  for (auto [r, round] : llvm::enumerate(rounds)) {
    if (round.size() != ranks) // rounds_c1
      return emitError() << "round " << r << " has " << round.size()
                         << " destinations; round 0 has " << ranks;
    SmallVector<bool> taken(ranks, false);
    for (auto [from, to] : llvm::enumerate(round.asArrayRef())) {
      if (to == -1)
        continue;
      if (to < 0 || to >= ranks || taken[to] ||
          met[from * ranks + to]) // rounds_c2
        return emitError() << "round " << r << " sends from rank " << from
                           << " to rank " << to
                           << ", which is no rank or already served";
      taken[to] = met[from * ranks + to] = true;
    }
  }
  for (auto [pair, is] : llvm::enumerate(met))
    if (!is) // rounds_c2
      return emitError() << "rank " << pair / ranks << " never sends to rank "
                         << pair % ranks;
  return success();
}

RoundsAttr RoundsAttr::transposed() const {
  SmallVector<DenseI32ArrayAttr> result;
  for (DenseI32ArrayAttr round : getRounds()) {
    SmallVector<int32_t> back(round.size(), -1);
    for (auto [from, to] : llvm::enumerate(round.asArrayRef()))
      if (to >= 0)
        back[to] = static_cast<int32_t>(from);
    result.push_back(DenseI32ArrayAttr::get(getContext(), back));
  }
  return get(getContext(), result);
}

LogicalResult DecisionAttr::verify(EmitError emitError, StringRef strategy,
                                   Number cost, Number without, Number bound,
                                   StringRef) {
  if (strategy.empty() || !usable(cost) || !usable(without) ||
      !usable(bound)) // decision_c1
    return emitError() << "a decision needs a strategy and times that are "
                          "finite and not negative";
  return success();
}

//===----------------------------------------------------------------------===//
// Where they stand
//===----------------------------------------------------------------------===//

/// The attribute has the class that its name promises and stands where it may.
template <typename AttrT, typename OpT>
static LogicalResult expect(Operation *op, NamedAttribute attribute,
                            StringRef kind) {
  if (!isa<OpT>(op)) // plan_c1
    return op->emitOpError() << "cannot carry " << attribute.getName()
                             << "; it belongs on " << OpT::getOperationName();
  if (!isa<AttrT>(attribute.getValue())) // plan_c1
    return op->emitOpError() << attribute.getName() << " must be " << kind;
  return success();
}

static LogicalResult verifyPlacement(ExpertsOp op, PlacementAttr placement) {
  int64_t experts = op.getCounts().getType().getDimSize(0);
  if (placement.numExperts() != experts) // plan_c2
    return op.emitOpError()
           << "has " << experts << " experts; its placement places "
           << placement.numExperts();
  return success();
}

static LogicalResult verifyRounds(ExpertsOp op, RoundsAttr rounds) {
  auto placement = op->getAttrOfType<PlacementAttr>(kPlacement);
  int64_t ranks = placement ? placement.numRanks() : 1;
  if (rounds.numRanks() != ranks) // plan_c3
    return op.emitOpError() << "has rounds of " << rounds.numRanks()
                            << " ranks but is placed on " << ranks;
  return success();
}

static LogicalResult verifyRouting(ModuleOp module, ArrayAttr files) {
  if (!llvm::all_of(files, llvm::IsaPred<StringAttr>)) // plan_c5
    return module.emitOpError()
           << "'" << kRouting << "' must be an array of file names";
  return success();
}

static LogicalResult verifyLoads(ExpertsOp op, DenseI64ArrayAttr loads) {
  int64_t experts = op.getCounts().getType().getDimSize(0);
  if (loads.size() != experts ||
      llvm::any_of(loads.asArrayRef(), [](int64_t x) { return x < 0; }))
    return op.emitOpError() << "'" << kLoads << "' must be " << experts
                            << " integers, none negative"; // plan_c6
  return success();
}

/// Every placed layer of the module uses the devices of its topology.
static LogicalResult verifyTopology(ModuleOp module, TopologyAttr topology) {
  WalkResult walk = module.walk([&](ExpertsOp op) {
    auto placement = op->getAttrOfType<PlacementAttr>(kPlacement);
    if (!placement || placement.numRanks() == topology.size())
      return WalkResult::advance();
    op.emitOpError() << "is placed on " << placement.numRanks()
                     << " ranks; the topology has " << topology.size()
                     << " devices"; // plan_c4
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult MoeDialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name == kTopology) {
    if (failed(expect<TopologyAttr, ModuleOp>(op, attribute, "#moe.topology")))
      return failure();
    return verifyTopology(cast<ModuleOp>(op),
                          cast<TopologyAttr>(attribute.getValue()));
  }
  if (name == kPlacement) {
    if (failed(
            expect<PlacementAttr, ExpertsOp>(op, attribute, "#moe.placement")))
      return failure();
    return verifyPlacement(cast<ExpertsOp>(op),
                           cast<PlacementAttr>(attribute.getValue()));
  }
  if (name == kRounds) {
    if (failed(expect<RoundsAttr, ExpertsOp>(op, attribute, "#moe.rounds")))
      return failure();
    return verifyRounds(cast<ExpertsOp>(op),
                        cast<RoundsAttr>(attribute.getValue()));
  }
  if (name == kPlaced || name == kOrdered)
    return expect<DecisionAttr, ExpertsOp>(op, attribute, "#moe.decision");
  if (name == kRouting) {
    if (failed(expect<ArrayAttr, ModuleOp>(op, attribute,
                                           "an array of file names")))
      return failure();
    return verifyRouting(cast<ModuleOp>(op),
                         cast<ArrayAttr>(attribute.getValue()));
  }
  if (name == kLoads) {
    if (failed(expect<DenseI64ArrayAttr, ExpertsOp>(op, attribute,
                                                    "an array of integers")))
      return failure();
    return verifyLoads(cast<ExpertsOp>(op),
                       cast<DenseI64ArrayAttr>(attribute.getValue()));
  }
  return success();
}
