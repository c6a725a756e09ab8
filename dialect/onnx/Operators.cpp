//===- Operators.cpp - One class for each ONNX operator -------------------===//
//
// Part of moec. Operators are told apart by name (Node.h), so their classes are
// needed here only.
//
//===----------------------------------------------------------------------===//

#include "dialect/onnx/Onnx.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace moec::onnx;

/// C1: the number of inputs and outputs is what the operator allows.
static LogicalResult verifyArity(Operation *op, int64_t minInputs,
                                 int64_t maxInputs, int64_t maxOutputs) {
  auto outside = [](int64_t n, int64_t min, int64_t max) {
    return n < min || (max >= 0 && n > max);
  };
  auto range = [](int64_t min, int64_t max) {
    std::string text = std::to_string(min);
    if (max < 0)
      return text + " or more";
    return min == max ? text : text + " to " + std::to_string(max);
  };
  int64_t inputs = op->getNumOperands(), outputs = op->getNumResults();
  if (outside(inputs, minInputs, maxInputs))
    return op->emitOpError() << "has " << inputs << " inputs; expected "
                             << range(minInputs, maxInputs);
  if (outside(outputs, 1, maxOutputs))
    return op->emitOpError() << "has " << outputs << " outputs; expected "
                             << range(1, maxOutputs);
  return success();
}

static ParseResult parseNode(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::UnresolvedOperand> inputs;
  SMLoc loc = parser.getCurrentLocation();
  FunctionType type;
  if (parser.parseOperandList(inputs, OpAsmParser::Delimiter::Paren) ||
      parser.parseOptionalAttrDict(state.attributes) ||
      parser.parseColonType(type))
    return failure();
  state.addTypes(type.getResults());
  return parser.resolveOperands(inputs, type.getInputs(), loc, state.operands);
}

static void printNode(OpAsmPrinter &printer, Operation *op) {
  printer << "(" << op->getOperands() << ")";
  printer.printOptionalAttrDict(op->getAttrs());
  printer << " : ";
  printer.printFunctionalType(op);
}

namespace moec::onnx {
template <typename ConcreteType>
class NodeTrait : public mlir::OpTrait::TraitBase<ConcreteType, NodeTrait> {
public:
  static mlir::LogicalResult verifyTrait(mlir::Operation *op) {
    return verifyArity(op, ConcreteType::minInputs, ConcreteType::maxInputs,
                       ConcreteType::maxOutputs);
  }
};
} // namespace moec::onnx

#define GET_OP_CLASSES
#include "dialect/onnx/OnnxOperators.h.inc"

#define GET_OP_CLASSES
#include "dialect/onnx/OnnxOperators.cpp.inc"

void OnnxDialect::addOperators() {
  addOperations<
#define GET_OP_LIST
#include "dialect/onnx/OnnxOperators.cpp.inc"
      >();
}
