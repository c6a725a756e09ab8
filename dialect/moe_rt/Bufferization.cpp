#include "dialect/moe_rt/MoeRt.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::bufferization;
using namespace moec::rt;

namespace {

/// A contiguous buffer of the same shape for `buffer`, or itself.
Value contiguous(RewriterBase &rewriter, Location loc, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  if (type.getLayout().isIdentity())
    return buffer;
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i))
      sizes.push_back(memref::DimOp::create(rewriter, loc, buffer, i));
  auto copyType = MemRefType::get(type.getShape(), type.getElementType());
  Value copy = memref::AllocOp::create(rewriter, loc, copyType, sizes,
                                       rewriter.getI64IntegerAttr(64));
  memref::CopyOp::create(rewriter, loc, buffer, copy);
  return copy;
}

/// Kernels and exchanges: the same op on contiguous buffers, without results.
/// An operand that is a strided view goes through a contiguous copy.
template <typename OpTy>
struct DestinationModel
    : DstBufferizableOpInterfaceExternalModel<DestinationModel<OpTy>, OpTy> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto destination = cast<DestinationStyleOpInterface>(op);
    Location loc = op->getLoc();
    SmallVector<Value> operands, inits, results;
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isa<TensorType>(operand.get().getType())) {
        operands.push_back(operand.get());
        continue;
      }
      FailureOr<Value> buffer =
          getBuffer(rewriter, operand.get(), options, state);
      if (failed(buffer))
        return failure();
      operands.push_back(contiguous(rewriter, loc, *buffer));
      if (!destination.isDpsInit(&operand))
        continue;
      results.push_back(*buffer);
      inits.push_back(operands.back());
    }
    OpTy::create(rewriter, loc, TypeRange(), operands, op->getAttrs());
    for (auto [result, init] : llvm::zip_equal(results, inits))
      if (result != init)
        memref::CopyOp::create(rewriter, loc, init, result);
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

struct WeightModel
    : BufferizableOpInterface::ExternalModel<WeightModel, WeightOp> {
  bool isWritable(Operation *, Value, const AnalysisState &) const {
    return false;
  }

  FailureOr<BufferLikeType> getBufferType(Operation *op, Value value,
                                          const BufferizationOptions &,
                                          const BufferizationState &,
                                          SmallVector<Value> &) const {
    auto type = cast<RankedTensorType>(value.getType());
    return cast<BufferLikeType>(
        MemRefType::get(type.getShape(), type.getElementType()));
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Type buffer = MemRefType::get(type.getShape(), type.getElementType());
    Operation *weight = WeightOp::create(rewriter, op->getLoc(), buffer,
                                         op->getOperands(), op->getAttrs());
    replaceOpWithBufferizedValues(rewriter, op, weight->getResults());
    return success();
  }
};

} // namespace

void moec::rt::registerBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MoeRtDialect *) {
    context->loadDialect<memref::MemRefDialect>();
    KernelOp::attachInterface<DestinationModel<KernelOp>>(*context);
    AllToAllOp::attachInterface<DestinationModel<AllToAllOp>>(*context);
    AllGatherOp::attachInterface<DestinationModel<AllGatherOp>>(*context);
    WeightOp::attachInterface<WeightModel>(*context);
  });
}
