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

/// Kernels and exchanges: the same op on buffers, without results. A strided
/// view goes through a contiguous copy, unless a kernel only reads it.
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
      // Kernels are linked later; only that knows which of them take views.
      if (isa<KernelOp>(op) && !destination.isDpsInit(&operand)) {
        operands.push_back(*buffer);
        continue;
      }
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

struct AppendModel
    : BufferizableOpInterface::ExternalModel<AppendModel, AppendOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }
  bool isWritable(Operation *, Value, const AnalysisState &) const {
    return false;
  }

  /// There is room behind the last element along the axis.
  static MemRefType bufferType(RankedTensorType type) {
    SmallVector<int64_t> strides(type.getRank(), ShapedType::kDynamic);
    strides.back() = 1;
    auto layout = StridedLayoutAttr::get(type.getContext(), 0, strides);
    return MemRefType::get(type.getShape(), type.getElementType(), layout);
  }

  FailureOr<BufferLikeType> getBufferType(Operation *, Value value,
                                          const BufferizationOptions &,
                                          const BufferizationState &,
                                          SmallVector<Value> &) const {
    return cast<BufferLikeType>(
        bufferType(cast<RankedTensorType>(value.getType())));
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto append = cast<AppendOp>(op);
    auto past = getBuffer(rewriter, append.getPast(), options, state);
    auto fresh = getBuffer(rewriter, append.getFresh(), options, state);
    FailureOr<Value> positions = Value();
    if (append.getPositions())
      positions = getBuffer(rewriter, append.getPositions(), options, state);
    if (failed(past) || failed(fresh) || failed(positions))
      return failure();
    Location loc = op->getLoc();
    Type type = bufferType(cast<RankedTensorType>(append.getType()));
    replaceOpWithNewBufferizedOp<AppendOp>(
        rewriter, op, type, append.getState(), contiguous(rewriter, loc, *past),
        contiguous(rewriter, loc, *fresh), append.getRows(),
        *positions ? contiguous(rewriter, loc, *positions) : Value(),
        append.getAxis());
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
    AppendOp::attachInterface<AppendModel>(*context);
  });
}
