//===- OutlineLayers.cpp - moe-outline-layers -----------------------------===//
//
// Finds consecutive blocks of ops that are equal but for the values they take
// from outside, and keeps one function for all of them. Anchored at the kernel
// calls, whose distances tell the period; linear in the number of ops for each
// period that is tried.
//
//===----------------------------------------------------------------------===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <map>
#include <set>

namespace moec::lower {
#define GEN_PASS_DEF_OUTLINELAYERSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;

namespace {

/// `count` blocks of `period` ops each, from position `begin` on.
struct Repetition {
  size_t begin, period, count;
};

using Ops = SmallVector<Operation *>;

} // namespace

//===----------------------------------------------------------------------===//
// What is common to all layers goes to the top of the function
//===----------------------------------------------------------------------===//

/// Extents, constants, weights and what is computed from them alone.
static bool isPrologue(Operation &op,
                       const llvm::DenseSet<Operation *> &moved) {
  if (op.getNumRegions() || !isMemoryEffectFree(&op))
    return false;
  bool isScalar = llvm::all_of(op.getResultTypes(),
                               [](Type type) { return type.isIntOrIndex(); });
  if (!isScalar && !isa<rt::WeightOp, arith::ConstantOp>(op))
    return false;
  return llvm::all_of(op.getOperands(), [&](Value operand) {
    return isa<BlockArgument>(operand) ||
           moved.contains(operand.getDefiningOp());
  });
}

/// Gives every user of an uninitialised tensor its own. A layer that took one
/// as an argument would have to keep the caller's contents.
static void splitEmpties(Block &block) {
  OpBuilder b(block.getParentOp());
  for (tensor::EmptyOp empty :
       llvm::to_vector(block.getOps<tensor::EmptyOp>())) {
    for (OpOperand &use : llvm::make_early_inc_range(empty->getUses())) {
      b.setInsertionPoint(block.findAncestorOpInBlock(*use.getOwner()));
      use.set(b.clone(*empty)->getResult(0));
    }
    empty.erase();
  }
}

/// Moves the prologue to the front and returns the other ops in order.
static Ops hoistPrologue(Block &block) {
  llvm::DenseSet<Operation *> moved;
  Ops rest;
  Operation *front = nullptr;
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
    if (!isPrologue(op, moved)) {
      if (!front)
        front = &op;
      rest.push_back(&op);
      continue;
    }
    moved.insert(&op);
    if (front)
      op.moveBefore(front);
  }
  return rest;
}

//===----------------------------------------------------------------------===//
// Equal blocks
//===----------------------------------------------------------------------===//

/// Equal for ops that differ only in operands, locations and plan step.
static llvm::hash_code tokenOf(Operation *op) {
  llvm::hash_code hash = llvm::hash_value(op->getName().getAsOpaquePointer());
  for (NamedAttribute attribute : op->getAttrs())
    if (attribute.getName() != "step")
      hash = llvm::hash_combine(hash, attribute.getName().getAsOpaquePointer(),
                                attribute.getValue().getAsOpaquePointer());
  for (Type type : op->getResultTypes())
    hash = llvm::hash_combine(hash, type.getAsOpaquePointer());
  for (Type type : op->getOperandTypes())
    hash = llvm::hash_combine(hash, type.getAsOpaquePointer());
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Operation &nested : block)
        hash = llvm::hash_combine(hash, tokenOf(&nested));
  return hash;
}

/// The longest run of equal blocks around two equal ops at `first` and
/// `first + period`.
static Repetition extend(ArrayRef<llvm::hash_code> tokens, size_t first,
                         size_t period) {
  size_t begin = first;
  while (begin > 0 && tokens[begin - 1] == tokens[begin - 1 + period])
    --begin;
  size_t end = first; // tokens[i] == tokens[i + period] for i in [begin, end)
  while (end + period < tokens.size() && tokens[end] == tokens[end + period])
    ++end;
  return {begin, period, (end - begin) / period + 1};
}

/// The repetition that saves the most ops: anchors are kernel calls that occur
/// again with the same token.
static std::optional<Repetition> findRepetition(ArrayRef<Operation *> ops) {
  SmallVector<llvm::hash_code> tokens;
  for (Operation *op : ops)
    tokens.push_back(tokenOf(op));
  llvm::DenseMap<size_t, size_t> last;
  llvm::DenseSet<std::pair<size_t, size_t>> tried;
  std::optional<Repetition> best;
  auto saved = [](const Repetition &r) { return r.period * (r.count - 1); };
  size_t covered = 0;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (!isa<rt::KernelOp>(ops[i]))
      continue;
    auto [it, isNew] = last.try_emplace(static_cast<size_t>(tokens[i]), i);
    size_t before = it->second;
    it->second = i;
    if (isNew || before < covered)
      continue;
    Repetition found = extend(tokens, before, i - before);
    if (found.count < 2)
      continue;
    if (!best || saved(found) > saved(*best))
      best = found;
    if (found.period * found.count > 64)
      covered = found.begin + found.period * (found.count - 1);
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Parameters and results
//===----------------------------------------------------------------------===//

namespace {

/// The interface that all blocks of a repetition share.
class LayerInterface {
public:
  LayerInterface(ArrayRef<Operation *> ops, Repetition r) : ops(ops), r(r) {}

  /// False if the blocks use their own values in different places.
  bool derive();

  /// Per parameter, its value in each block.
  SmallVector<SmallVector<Value>> parameters;
  /// (op, result) positions that some block's outside uses.
  SmallVector<std::pair<size_t, unsigned>> results;
  /// Of block 0: which parameter an operand from outside reads.
  llvm::DenseMap<Value, size_t> parameterOf;

private:
  SmallVector<Value> externalUses(Operation *op) const;
  std::pair<size_t, unsigned> position(Value value, size_t block) const;

  ArrayRef<Operation *> ops;
  Repetition r;
  llvm::DenseMap<Operation *, size_t> index;
};

} // namespace

/// Operands of `op` and of the ops nested in it, defined outside of `op`.
SmallVector<Value> LayerInterface::externalUses(Operation *op) const {
  SmallVector<Value> uses(op->getOperands());
  op->walk([&](Operation *nested) {
    if (nested == op)
      return;
    for (Value operand : nested->getOperands()) {
      Operation *parent = operand.getParentRegion()->getParentOp();
      if (!op->isAncestor(parent))
        uses.push_back(operand);
    }
  });
  return uses;
}

/// (offset in the block + 1, result number), or (0, 0) for a value from
/// outside.
std::pair<size_t, unsigned> LayerInterface::position(Value value,
                                                     size_t block) const {
  auto it = index.find(value.getDefiningOp());
  size_t begin = r.begin + block * r.period;
  if (!value.getDefiningOp() || it == index.end() || it->second < begin ||
      it->second >= begin + r.period)
    return {0, 0};
  return {it->second - begin + 1, cast<OpResult>(value).getResultNumber()};
}

bool LayerInterface::derive() {
  for (size_t i = 0; i < r.period * r.count; ++i)
    index[ops[r.begin + i]] = r.begin + i;
  std::map<SmallVector<void *>, size_t> known;
  std::set<std::pair<size_t, unsigned>> used;
  for (size_t t = 0; t < r.period; ++t) {
    SmallVector<SmallVector<Value>> uses;
    for (size_t k = 0; k < r.count; ++k)
      uses.push_back(externalUses(ops[r.begin + k * r.period + t]));
    for (size_t u = 0; u < uses[0].size(); ++u) {
      SmallVector<Value> values;
      SmallVector<void *> key;
      for (size_t k = 0; k < r.count; ++k) {
        if (u >= uses[k].size() ||
            position(uses[k][u], k) != position(uses[0][u], 0) ||
            uses[k][u].getType() != uses[0][u].getType())
          return false;
        values.push_back(uses[k][u]);
        key.push_back(uses[k][u].getAsOpaquePointer());
      }
      if (position(uses[0][u], 0).first)
        continue;
      auto [it, isNew] = known.try_emplace(key, parameters.size());
      if (isNew)
        parameters.push_back(values);
      // One value of block 0 must not stand for two different parameters.
      auto [mine, fresh] = parameterOf.try_emplace(values[0], it->second);
      if (!fresh && mine->second != it->second)
        return false;
    }
    for (size_t k = 0; k < r.count; ++k)
      for (OpResult result : ops[r.begin + k * r.period + t]->getResults())
        for (Operation *user : result.getUsers()) {
          Operation *top =
              result.getOwner()->getBlock()->findAncestorOpInBlock(*user);
          auto it = index.find(top);
          size_t begin = r.begin + k * r.period;
          if (it == index.end() || it->second < begin ||
              it->second >= begin + r.period)
            used.insert({t, result.getResultNumber()});
        }
  }
  results.assign(used.begin(), used.end());
  return true;
}

//===----------------------------------------------------------------------===//
// The function and its calls
//===----------------------------------------------------------------------===//

static func::FuncOp makeLayer(ArrayRef<Operation *> block,
                              LayerInterface &layer, ModuleOp module,
                              StringRef name) {
  SmallVector<Type> inputs, outputs;
  for (ArrayRef<Value> values : layer.parameters)
    inputs.push_back(values[0].getType());
  for (auto [op, result] : layer.results)
    outputs.push_back(block[op]->getResult(result).getType());
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Location loc = block.front()->getLoc();
  auto function =
      func::FuncOp::create(b, loc, name, b.getFunctionType(inputs, outputs));
  function.setPrivate();
  Block *body = function.addEntryBlock();
  IRMapping mapping;
  for (auto [value, parameter] : layer.parameterOf)
    mapping.map(value, body->getArgument(parameter));
  b.setInsertionPointToStart(body);
  for (Operation *op : block)
    b.clone(*op, mapping);
  SmallVector<Value> results;
  for (auto [op, result] : layer.results)
    results.push_back(mapping.lookup(block[op]->getResult(result)));
  func::ReturnOp::create(b, loc, results);
  return function;
}

/// What is to be added to the plan steps of the first block's exchanges to get
/// those of this block. Steps are counted in program order, so one number fits
/// all exchanges of a block.
static int64_t stepOffset(ArrayRef<Operation *> first,
                          ArrayRef<Operation *> block) {
  auto stepOf = [](ArrayRef<Operation *> ops) {
    std::optional<int64_t> step;
    for (Operation *op : ops)
      op->walk([&](Operation *nested) {
        auto attribute = nested->getAttrOfType<IntegerAttr>("step");
        if (attribute && !step)
          step = attribute.getInt();
      });
    return step.value_or(0);
  };
  return stepOf(block) - stepOf(first);
}

static void callLayer(ArrayRef<Operation *> block, LayerInterface &layer,
                      size_t k, func::FuncOp function, int64_t offset) {
  OpBuilder b(block.back());
  b.setInsertionPointAfter(block.back());
  Location loc = block.front()->getLoc();
  SmallVector<Value> arguments;
  for (SmallVector<Value> &values : layer.parameters)
    arguments.push_back(values[k]);
  rt::BeginLayerOp::create(b, loc, offset);
  auto call = func::CallOp::create(b, loc, function, arguments);
  rt::EndLayerOp::create(b, loc);
  for (auto [i, position] : llvm::enumerate(layer.results)) {
    Value old = block[position.first]->getResult(position.second);
    // Later blocks read it as their parameter.
    for (SmallVector<Value> &values : layer.parameters)
      for (Value &value : values)
        if (value == old)
          value = call.getResult(i);
    old.replaceAllUsesWith(call.getResult(i));
  }
  for (Operation *op : llvm::reverse(block)) {
    op->dropAllUses();
    op->erase();
  }
}

namespace {
struct OutlineLayers : moec::lower::impl::OutlineLayersPassBase<OutlineLayers> {
  using OutlineLayersPassBase::OutlineLayersPassBase;

  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal())
      return;
    splitEmpties(main.front());
    for (int64_t i = 0; outline(main, "layer_" + std::to_string(i)); ++i) {
    }
  }

  bool outline(func::FuncOp main, const std::string &name) {
    Ops ops = hoistPrologue(main.getBody().front());
    std::optional<Repetition> r = findRepetition(ops);
    if (!r || r->period * (r->count - 1) < static_cast<size_t>(smallest))
      return false;
    LayerInterface layer(ops, *r);
    if (!layer.derive())
      return false;
    ArrayRef<Operation *> all(ops);
    auto block = [&](size_t k) {
      return all.slice(r->begin + k * r->period, r->period);
    };
    func::FuncOp function = makeLayer(block(0), layer, getOperation(), name);
    SmallVector<int64_t> offsets;
    for (size_t k = 0; k < r->count; ++k)
      offsets.push_back(stepOffset(block(0), block(k)));
    for (size_t k = 0; k < r->count; ++k)
      callLayer(block(k), layer, k, function, offsets[k]);
    outlined += r->count;
    return true;
  }
};
} // namespace
