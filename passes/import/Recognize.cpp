//===- Recognize.cpp - moe-recognize --------------------------------------===//

#include "passes/import/Passes.h"
#include "passes/import/RecognizeRaise.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/FormatVariadic.h"

namespace moec {
#define GEN_PASS_DEF_RECOGNIZEPASS
#include "passes/import/Passes.h.inc"
} // namespace moec

using namespace mlir;
using namespace moec;
using namespace moec::recognize;

namespace {

struct Recognize : moec::impl::RecognizePassBase<Recognize> {
  using RecognizePassBase::RecognizePassBase;

  void runOnOperation() override {
    lines.clear();
    layers = 0;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(recognize(function)))
        return signalPassFailure();
    Builder builder(&getContext());
    getOperation()->setAttr("moe.recognition",
                            builder.getStrArrayAttr(SmallVector<StringRef>(
                                lines.begin(), lines.end())));
  }

private:
  LogicalResult recognize(func::FuncOp function);
  void raise(Analysis &analysis, const Combine &combine);
  LogicalResult explain(Analysis &analysis);
  void report(const Raised &layer);

  std::vector<std::string> lines;
  int64_t layers = 0;
};

/// "layer 2: form G, 64 experts, top 8, silu, concatenated"
void Recognize::report(const Raised &layer) {
  moe::ExpertsOp op = layer.experts;
  lines.push_back(
      llvm::formatv("layer {0}: form {1}, {2} experts, top {3}, {4}, {5}",
                    *op.getLayer(), *op.getForm(), op.getNumExperts(), layer.k,
                    moe::stringifyActivation(op.getActivation()),
                    moe::stringifyFusion(op.getFusion()))
          .str());
  ++layers;
  ++raised;
}

void Recognize::raise(Analysis &analysis, const Combine &combine) {
  Selection &selection = *combine.selection;
  if (selection.raised)
    return;
  std::string why;
  std::optional<Experts> experts = readExperts(analysis, combine, why);
  std::optional<Router> router;
  if (experts && !shapeOfResult(combine, *experts))
    why = "the shape of the sum over the choices is not known";
  else if (experts)
    router = readRouter(analysis, selection, experts->weights, why);
  if (!router) {
    selection.obstacle = why;
    return;
  }
  report(raiseLayer(combine, *router, *experts, layers));
  selection.raised = true;
}

/// What looks like a MoE layer and was not raised: an error if the graph
/// computes something else than its router says, else a remark.
LogicalResult Recognize::explain(Analysis &analysis) {
  for (Selection &selection : analysis.selections()) {
    int64_t unrolled = selection.unrolled.size();
    if (unrolled > 0 && unrolled < selection.experts &&
        selection.error.empty()) {
      std::string missing;
      for (int64_t id = 0; id < selection.experts; ++id)
        if (!selection.unrolled.contains(id))
          missing += (missing.empty() ? "" : ", ") + std::to_string(id);
      selection.error = missingExperts(selection, unrolled, missing);
    }
    if (!selection.error.empty())
      return emitError(selection.ids.getLoc(), "MoE layer of this router: ")
             << selection.error;
    bool candidate = selection.usesExperts || unrolled > 0;
    if (!candidate || selection.raised)
      continue;
    std::string why = selection.obstacle;
    if (why.empty())
      why = unrolled > 0 ? "the experts are an unrolled loop over their ids"
                         : "no weighted sum over the choices was found";
    emitRemark(selection.ids.getLoc(),
               "looks like the router of a MoE layer, which is compiled as "
               "plain ops: ")
        << why;
    lines.push_back("not raised: router with " +
                    std::to_string(selection.experts) + " experts, top " +
                    std::to_string(selection.k) + ": " + why);
  }
  return success();
}

LogicalResult Recognize::recognize(func::FuncOp function) {
  ShapeAnalysis shapes;
  if (failed(shapes.run(function)))
    return failure();
  Block &block = function.front();
  Analysis analysis(shapes);
  analysis.run(block);
  DenseMap<Operation *, const Combine *> combines;
  for (const Combine &combine : analysis.combines())
    combines[combine.op] = &combine;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    onnx::Node node(&op);
    if (const Combine *combine = combines.lookup(&op)) {
      raise(analysis, *combine);
    } else if (onnx::Node::isNode(&op) && node.is("com.microsoft.MoE")) {
      FailureOr<Raised> layer = raiseFused(node, layers);
      if (failed(layer))
        return failure();
      report(*layer);
      op.erase();
    } else if (onnx::Node::isNode(&op) && node.is("com.microsoft.QMoE")) {
      return node.operation()->emitOpError(
          "holds quantised experts, which are not supported yet; export the "
          "model without quantisation, so that its experts are "
          "com.microsoft.MoE or plain operators");
    }
  }
  if (failed(explain(analysis)))
    return failure();
  eraseDead(block);
  return success();
}

} // namespace
