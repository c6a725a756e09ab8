#include "import/onnx/NodeChecks.h"

using namespace mlir;
using llvm::Twine;
using moec::onnx::Node;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

/// MoE and QMoE: input 1 holds the router's scores, input 2 the first bank.
static llvm::Error checkExperts(Node node) {
  RankedTensorType scores = node.inputType(1), bank = node.inputType(2);
  if (!bank || bank.getRank() != 3 || bank.isDynamicDim(0))
    return llvm::Error::success();
  int64_t experts = bank.getDimSize(0), k = node.integer("k", 1);
  if (experts == 0)
    return fail(
        "it has no experts: the first weight bank has size 0 on axis 0");
  if (k < 1 || k > experts)
    return fail("k is " + Twine(k) + ", but it has " + Twine(experts) +
                " experts; k must lie between 1 and their number");
  if (scores && scores.getRank() > 0 &&
      !scores.isDynamicDim(scores.getRank() - 1) &&
      scores.getShape().back() != experts)
    return fail("the router scores " + Twine(scores.getShape().back()) +
                " experts, but the first weight bank has " + Twine(experts));
  return llvm::Error::success();
}

static llvm::Error checkTopK(Node node) {
  RankedTensorType type = node.inputType(0);
  auto k = moec::onnx::constantIntegers(node.input(1));
  if (!type || !k || k->size() != 1)
    return llvm::Error::success();
  int64_t rank = type.getRank(), axis = node.integer("axis", -1);
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis >= rank)
    return fail("axis " + Twine(node.integer("axis", -1)) +
                " does not exist in an input of rank " + Twine(rank));
  if (!type.isDynamicDim(axis) && k->front() > type.getDimSize(axis))
    return fail("k is " + Twine(k->front()) + ", but axis " + Twine(axis) +
                " has " + Twine(type.getDimSize(axis)) + " elements");
  return llvm::Error::success();
}

llvm::Error moec::import::checkNode(Node node) {
  if (node.is("com.microsoft.MoE") || node.is("com.microsoft.QMoE"))
    return checkExperts(node);
  if (node.is("TopK"))
    return checkTopK(node);
  if (node.integer("broadcast", 0) != 0)
    return fail("broadcasting by the attribute 'broadcast' (opset 1 to 6) is "
                "not supported; convert the model to opset 7 or later");
  return llvm::Error::success();
}
