#include "passes/lower/RuntimeCalls.h"

#include "dialect/moe_rt/MoeRt.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace moec;

namespace {

/// Calls a C function of the runtime, declaring it on first use.
LLVM::CallOp call(ConversionPatternRewriter &rewriter, Operation *at,
                  StringRef name, ValueRange arguments, Type result = {}) {
  auto module = at->getParentOfType<ModuleOp>();
  SmallVector<Type> types(arguments.getTypes());
  Type returned = result ? result : LLVM::LLVMVoidType::get(at->getContext());
  LLVM::LLVMFuncOp function =
      *LLVM::lookupOrCreateFn(rewriter, module, name, types, returned);
  return LLVM::CallOp::create(rewriter, at->getLoc(), function, arguments);
}

Value constant(ConversionPatternRewriter &rewriter, Location loc,
               int64_t value) {
  return LLVM::ConstantOp::create(rewriter, loc, rewriter.getI64Type(), value);
}

/// A C string; equal texts share one.
Value textConstant(Operation *at, StringRef text,
                   ConversionPatternRewriter &rewriter) {
  auto module = at->getParentOfType<ModuleOp>();
  std::string name = "text_" + llvm::utohexstr(llvm::xxh3_64bits(text));
  if (module.lookupSymbol(name))
    return LLVM::AddressOfOp::create(
        rewriter, at->getLoc(), LLVM::LLVMPointerType::get(at->getContext()),
        name);
  SmallString<64> terminated(text);
  terminated.push_back('\0');
  return LLVM::createGlobalString(at->getLoc(), rewriter, name, terminated,
                                  LLVM::Linkage::Internal);
}

struct AllocLowering : ConvertOpToLLVMPattern<memref::AllocOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(memref::AllocOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MemRefType type = op.getType();
    if (!isConvertibleAndHasIdentityMaps(type))
      return rewriter.notifyMatchFailure(op, "not contiguous");
    SmallVector<Value, 4> sizes, strides;
    Value bytes;
    getMemRefDescriptorSizes(op.getLoc(), type, adaptor.getDynamicSizes(),
                             rewriter, sizes, strides, bytes);
    Value memory =
        call(rewriter, op, "moe_rt_alloc", bytes, getPtrType()).getResult();
    Value descriptor = createMemRefDescriptor(op.getLoc(), type, memory, memory,
                                              sizes, strides, rewriter);
    rewriter.replaceOp(op, descriptor);
    return success();
  }
};

struct DeallocLowering : ConvertOpToLLVMPattern<memref::DeallocOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(memref::DeallocOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    MemRefDescriptor descriptor(adaptor.getMemref());
    call(rewriter, op, "moe_rt_free",
         descriptor.allocatedPtr(rewriter, op.getLoc()));
    rewriter.eraseOp(op);
    return success();
  }
};

struct WeightLowering : ConvertOpToLLVMPattern<rt::WeightOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(rt::WeightOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast<MemRefType>(op.getType());
    auto index = op->getAttrOfType<IntegerAttr>("index");
    if (!type || !index)
      return op.emitOpError("needs a memref result and an index; run "
                            "moe-collect-weights and bufferize first");
    Location loc = op.getLoc();
    Value memory = call(rewriter, op, "moe_rt_weight",
                        constant(rewriter, loc, index.getInt()), getPtrType())
                       .getResult();
    SmallVector<Value> dynamic;
    if (adaptor.getSlotCount())
      dynamic.push_back(adaptor.getSlotCount());
    SmallVector<Value, 4> sizes, strides;
    Value bytes;
    getMemRefDescriptorSizes(loc, type, dynamic, rewriter, sizes, strides,
                             bytes);
    rewriter.replaceOp(op,
                       Value(createMemRefDescriptor(loc, type, memory, memory,
                                                    sizes, strides, rewriter)));
    return success();
  }
};

/// rank, ranks, threads: a call without arguments.
template <typename OpTy> struct QueryLowering : ConvertOpToLLVMPattern<OpTy> {
  QueryLowering(const LLVMTypeConverter &converter, StringRef symbol)
      : ConvertOpToLLVMPattern<OpTy>(converter), symbol(symbol) {}

  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op,
                       call(rewriter, op, symbol, {}, rewriter.getI64Type()));
    return success();
  }

  StringRef symbol;
};

struct CheckLowering : ConvertOpToLLVMPattern<rt::CheckOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(rt::CheckOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Block *before = op->getBlock();
    Block *after = rewriter.splitBlock(before, Block::iterator(op));
    Block *failed = rewriter.createBlock(after->getParent());
    Value message = textConstant(op, op.getMessage(), rewriter);
    call(rewriter, op, "moe_rt_fail", message);
    LLVM::UnreachableOp::create(rewriter, loc);
    rewriter.setInsertionPointToEnd(before);
    LLVM::CondBrOp::create(rewriter, loc, adaptor.getCondition(), after,
                           failed);
    rewriter.eraseOp(op);
    return success();
  }
};

struct BeginLayerLowering : ConvertOpToLLVMPattern<rt::BeginLayerOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(rt::BeginLayerOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    call(rewriter, op, "moe_rt_begin_layer",
         constant(rewriter, op.getLoc(), op.getOffset()));
    rewriter.eraseOp(op);
    return success();
  }
};

struct EndLayerLowering : ConvertOpToLLVMPattern<rt::EndLayerOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(rt::EndLayerOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    call(rewriter, op, "moe_rt_end_layer", {});
    rewriter.eraseOp(op);
    return success();
  }
};

struct ProfilingLowering : ConvertOpToLLVMPattern<rt::ProfilingOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(rt::ProfilingOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value flag =
        call(rewriter, op, "moe_rt_profiling", {}, rewriter.getI64Type())
            .getResult();
    rewriter.replaceOpWithNewOp<LLVM::ICmpOp>(op, LLVM::ICmpPredicate::ne, flag,
                                              constant(rewriter, loc, 0));
    return success();
  }
};

struct MarkLowering : ConvertOpToLLVMPattern<rt::MarkOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(rt::MarkOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    StringRef phase = rt::stringifyPhase(op.getPhase());
    call(rewriter, op, "moe_rt_mark",
         {textConstant(op, phase, rewriter),
          textConstant(op, op.getWhat(), rewriter),
          textConstant(op, op.getSource(), rewriter), adaptor.getFlops(),
          adaptor.getBytes()});
    rewriter.eraseOp(op);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// States and exchanges
//===----------------------------------------------------------------------===//

/// Hands buffers to the runtime.
template <typename OpTy>
struct BufferCallLowering : ConvertOpToLLVMPattern<OpTy> {
  using ConvertOpToLLVMPattern<OpTy>::ConvertOpToLLVMPattern;

  Value pointer(ConversionPatternRewriter &rewriter, Location loc, Value memref,
                Value converted) const {
    return MemRefDescriptor(converted).bufferPtr(
        rewriter, loc, *this->getTypeConverter(),
        cast<MemRefType>(memref.getType()));
  }

  /// Bytes of a row: all elements along the axes from `axis` on.
  Value rowBytes(ConversionPatternRewriter &rewriter, Location loc,
                 Value memref, Value converted, int64_t axis) const {
    auto type = cast<MemRefType>(memref.getType());
    unsigned bits =
        type.getElementType().isInteger(1) ? 8 : type.getElementTypeBitWidth();
    Value bytes = constant(rewriter, loc, bits / 8);
    for (; axis < type.getRank(); ++axis)
      bytes = LLVM::MulOp::create(
          rewriter, loc, bytes,
          MemRefDescriptor(converted).size(rewriter, loc, axis));
    return bytes;
  }
};

struct AppendLowering : BufferCallLowering<rt::AppendOp> {
  using BufferCallLowering::BufferCallLowering;

  LogicalResult
  matchAndRewrite(rt::AppendOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type = cast<MemRefType>(op.getType());
    Location loc = op.getLoc();
    int64_t along = op.getAxis();
    SmallVector<Value> sizes;
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      sizes.push_back(
          MemRefDescriptor(adaptor.getPast()).size(rewriter, loc, axis));
    Value length = sizes[along];
    Value more =
        MemRefDescriptor(adaptor.getFresh()).size(rewriter, loc, along);
    sizes[along] = adaptor.getRows();
    if (!sizes[along])
      sizes[along] = LLVM::AddOp::create(rewriter, loc, length, more);
    Value capacity = append(op, adaptor, sizes, length, more, rewriter);
    Value memory =
        call(rewriter, op, "moe_rt_state", adaptor.getState(), getPtrType())
            .getResult();
    SmallVector<Value> room = sizes;
    room[along] = capacity;
    SmallVector<Value> strides(room.size(), constant(rewriter, loc, 1));
    for (int64_t axis = room.size() - 1; axis-- > 0;)
      strides[axis] =
          LLVM::MulOp::create(rewriter, loc, strides[axis + 1], room[axis + 1]);
    rewriter.replaceOp(op,
                       Value(createMemRefDescriptor(loc, type, memory, memory,
                                                    sizes, strides, rewriter)));
    return success();
  }

  /// The call; returns the rows that there is room for.
  Value append(rt::AppendOp op, OpAdaptor adaptor, ArrayRef<Value> sizes,
               Value length, Value more,
               ConversionPatternRewriter &rewriter) const {
    Location loc = op.getLoc();
    int64_t along = op.getAxis();
    Value outer = constant(rewriter, loc, 1);
    for (Value size : sizes.take_front(along))
      outer = LLVM::MulOp::create(rewriter, loc, outer, size);
    Value positions = LLVM::ZeroOp::create(rewriter, loc, getPtrType());
    Value sequences = constant(rewriter, loc, 0);
    if (op.getPositions()) {
      positions =
          pointer(rewriter, loc, op.getPositions(), adaptor.getPositions());
      sequences =
          MemRefDescriptor(adaptor.getPositions()).size(rewriter, loc, 0);
    }
    return call(rewriter, op, "moe_rt_append",
                {adaptor.getState(),
                 pointer(rewriter, loc, op.getPast(), adaptor.getPast()),
                 pointer(rewriter, loc, op.getFresh(), adaptor.getFresh()),
                 outer, length, more,
                 rowBytes(rewriter, loc, op.getPast(), adaptor.getPast(),
                          along + 1),
                 sizes[along], positions, sequences},
                rewriter.getI64Type())
        .getResult();
  }
};

struct AllToAllLowering : BufferCallLowering<rt::AllToAllOp> {
  using BufferCallLowering::BufferCallLowering;

  LogicalResult
  matchAndRewrite(rt::AllToAllOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    std::optional<ArrayAttr> rounds = op.getRounds();
    Value none = LLVM::ZeroOp::create(rewriter, loc, getPtrType());
    Value sendTo = none, receiveFrom = none;
    if (rounds && !rounds->empty())
      std::tie(sendTo, receiveFrom) = partners(op, *rounds, rewriter);
    call(rewriter, op, "moe_rt_all_to_all",
         {constant(rewriter, loc, op.getStep()),
          pointer(rewriter, loc, op.getSend(), adaptor.getSend()),
          pointer(rewriter, loc, op.getSendRows(), adaptor.getSendRows()),
          pointer(rewriter, loc, op.getInit(), adaptor.getInit()),
          pointer(rewriter, loc, op.getRecvRows(), adaptor.getRecvRows()),
          rowBytes(rewriter, loc, op.getSend(), adaptor.getSend(), 1), sendTo,
          receiveFrom, constant(rewriter, loc, rounds ? rounds->size() : 0)});
    rewriter.eraseOp(op);
    return success();
  }

  /// This rank's partners by round: rows of constant tables [ranks, rounds].
  std::pair<Value, Value> partners(rt::AllToAllOp op, ArrayAttr rounds,
                                   ConversionPatternRewriter &rewriter) const {
    int64_t count = rounds.size();
    int64_t ranks = cast<DenseI32ArrayAttr>(rounds[0]).size();
    SmallVector<int32_t> to(ranks * count, -1), from(ranks * count, -1);
    for (int64_t round = 0; round < count; ++round) {
      auto list = cast<DenseI32ArrayAttr>(rounds[round]).asArrayRef();
      for (auto [rank, target] : llvm::enumerate(list)) {
        to[rank * count + round] = target;
        if (target >= 0)
          from[target * count + round] = rank;
      }
    }
    Value rank = call(rewriter, op, "moe_rt_rank", {}, rewriter.getI64Type())
                     .getResult();
    Value row = LLVM::MulOp::create(rewriter, op.getLoc(), rank,
                                    constant(rewriter, op.getLoc(), count));
    return {tableRow(op, to, row, rewriter), tableRow(op, from, row, rewriter)};
  }

  Value tableRow(rt::AllToAllOp op, ArrayRef<int32_t> table, Value row,
                 ConversionPatternRewriter &rewriter) const {
    auto module = op->getParentOfType<ModuleOp>();
    Type i32 = rewriter.getI32Type();
    auto name = "partners_" +
                llvm::utohexstr(llvm::xxh3_64bits(
                    ArrayRef(reinterpret_cast<const uint8_t *>(table.data()),
                             table.size() * sizeof(int32_t))));
    if (!module.lookupSymbol(name)) {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(module.getBody());
      int64_t size = table.size();
      LLVM::GlobalOp::create(
          rewriter, op.getLoc(), LLVM::LLVMArrayType::get(i32, size),
          /*isConstant=*/true, LLVM::Linkage::Internal, name,
          DenseElementsAttr::get(RankedTensorType::get(size, i32), table));
    }
    Value base =
        LLVM::AddressOfOp::create(rewriter, op.getLoc(), getPtrType(), name);
    return LLVM::GEPOp::create(rewriter, op.getLoc(), getPtrType(), i32, base,
                               row);
  }
};

struct AllGatherLowering : BufferCallLowering<rt::AllGatherOp> {
  using BufferCallLowering::BufferCallLowering;

  LogicalResult
  matchAndRewrite(rt::AllGatherOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    call(rewriter, op, "moe_rt_all_gather",
         {constant(rewriter, loc, op.getStep()),
          pointer(rewriter, loc, op.getSend(), adaptor.getSend()),
          pointer(rewriter, loc, op.getInit(), adaptor.getInit()),
          pointer(rewriter, loc, op.getRows(), adaptor.getRows()),
          rowBytes(rewriter, loc, op.getSend(), adaptor.getSend(), 1)});
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void moec::lower::populateRuntimeCalls(const LLVMTypeConverter &converter,
                                       RewritePatternSet &patterns) {
  patterns.add<AllocLowering, DeallocLowering, WeightLowering, AppendLowering,
               CheckLowering, BeginLayerLowering, EndLayerLowering,
               ProfilingLowering, MarkLowering, AllToAllLowering,
               AllGatherLowering>(converter);
  patterns.add<QueryLowering<rt::RankOp>>(converter, "moe_rt_rank");
  patterns.add<QueryLowering<rt::RanksOp>>(converter, "moe_rt_ranks");
  patterns.add<QueryLowering<rt::ThreadsOp>>(converter, "moe_rt_threads");
}
