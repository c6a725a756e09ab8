#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/Passes.h"
#include "passes/lower/kernels/KernelLibrary.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace moec::lower {
#define GEN_PASS_DEF_LINKKERNELSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;

namespace {

/// A contiguous buffer of the shape of `like`, not initialised.
Value allocateLike(OpBuilder &builder, Location loc, Value like) {
  auto type = cast<MemRefType>(like.getType());
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i))
      sizes.push_back(memref::DimOp::create(builder, loc, like, i));
  auto plain = MemRefType::get(type.getShape(), type.getElementType());
  return memref::AllocOp::create(builder, loc, plain, sizes);
}

/// One kernel op on its way to a call.
class Linker {
public:
  Linker(rt::KernelOp op, func::FuncOp kernel)
      : op(op), kernel(kernel), builder(op), loc(op.getLoc()) {}

  LogicalResult run() {
    unsigned ins = op.getInputs().size();
    SmallVector<Value> arguments;
    for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
      Type expected = kernel.getArgumentTypes()[i];
      bool takesViews = isView(expected);
      Value argument =
          takesViews ? operand : contiguous(operand, /*isOutput=*/i >= ins);
      if (argument.getType() != expected) {
        if (!memref::CastOp::areCastCompatible(argument.getType(), expected))
          return op.emitError()
                 << "kernel '" << op.getCallee() << "': operand " << i << " is "
                 << operand.getType() << ", not " << expected;
        argument = memref::CastOp::create(builder, loc, expected, argument);
      }
      arguments.push_back(argument);
    }
    func::CallOp::create(builder, loc, kernel, arguments);
    for (auto [buffer, original] : copiedBack)
      memref::CopyOp::create(builder, loc, buffer, original);
    for (Value buffer : buffers)
      memref::DeallocOp::create(builder, loc, buffer);
    op.erase();
    return success();
  }

private:
  static bool isView(Type type) {
    auto memref = dyn_cast<MemRefType>(type);
    return memref && !memref.getLayout().isIdentity();
  }

  Value contiguous(Value operand, bool isOutput) {
    if (!isView(operand.getType()))
      return operand;
    Value buffer = allocateLike(builder, loc, operand);
    buffers.push_back(buffer);
    if (isOutput)
      copiedBack.emplace_back(buffer, operand);
    else
      memref::CopyOp::create(builder, loc, operand, buffer);
    return buffer;
  }

  rt::KernelOp op;
  func::FuncOp kernel;
  OpBuilder builder;
  Location loc;
  SmallVector<Value> buffers;
  SmallVector<std::pair<Value, Value>> copiedBack;
};

struct LinkKernels : lower::impl::LinkKernelsPassBase<LinkKernels> {
  void runOnOperation() override {
    kernels::KernelLibrary library(getOperation());
    SmallVector<rt::KernelOp> ops;
    getOperation().walk([&](rt::KernelOp op) { ops.push_back(op); });
    for (rt::KernelOp op : ops) {
      if (op.getNumResults() != 0) {
        op.emitError() << "kernel '" << op.getCallee()
                       << "' is on tensors; kernels are linked after "
                          "bufferization";
        return signalPassFailure();
      }
      FailureOr<func::FuncOp> kernel =
          library.get(op.getLoc(), op.getCallee(),
                      op->getDiscardableAttrDictionary(), op.getOperandTypes());
      if (failed(kernel) || failed(Linker(op, *kernel).run()))
        return signalPassFailure();
    }
  }
};

} // namespace
