#include "passes/lower/RuntimeCalls.h"

#include "dialect/moe_rt/MoeRt.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace moec;

namespace {

struct LaunchLowering : ConvertOpToLLVMPattern<rt::LaunchOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(rt::LaunchOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Type i64 = rewriter.getI64Type();
    // The closure: count, chunk, captures.
    SmallVector<Value> fields(adaptor.getOperands());
    auto type = LLVM::LLVMStructType::getLiteral(
        rewriter.getContext(), SmallVector<Type>(TypeRange(fields)));
    Value closure = closureMemory(op, type, rewriter);
    for (auto [i, field] : llvm::enumerate(fields))
      LLVM::StoreOp::create(rewriter, loc, field,
                            fieldPointer(rewriter, loc, type, closure, i));

    LLVM::LLVMFuncOp task = createTask(op, type, rewriter);
    Value one = LLVM::ConstantOp::create(rewriter, loc, i64, 1);
    Value count = fields[0], chunk = fields[1];
    Value rounded = LLVM::SubOp::create(
        rewriter, loc, LLVM::AddOp::create(rewriter, loc, count, chunk), one);
    Value tasks = LLVM::UDivOp::create(rewriter, loc, rounded, chunk);
    auto module = op->getParentOfType<ModuleOp>();
    LLVM::LLVMFuncOp parallelFor = *LLVM::lookupOrCreateFn(
        rewriter, module, "moe_rt_parallel_for",
        {i64, getPtrType(), getPtrType()}, getVoidType());
    Value function = LLVM::AddressOfOp::create(rewriter, loc, task);
    LLVM::CallOp::create(rewriter, loc, parallelFor,
                         ValueRange{tasks, function, closure});
    rewriter.eraseOp(op);
    return success();
  }

private:
  Value fieldPointer(OpBuilder &builder, Location loc, Type type, Value closure,
                     int32_t field) const {
    return LLVM::GEPOp::create(builder, loc, getPtrType(), type, closure,
                               ArrayRef<LLVM::GEPArg>{0, field});
  }

  /// Stack memory of the calling function, taken once even inside a loop.
  Value closureMemory(rt::LaunchOp op, Type type,
                      ConversionPatternRewriter &rewriter) const {
    OpBuilder::InsertionGuard guard(rewriter);
    auto function = op->getParentOfType<FunctionOpInterface>();
    rewriter.setInsertionPointToStart(&function.getFunctionBody().front());
    Value one = LLVM::ConstantOp::create(rewriter, op.getLoc(),
                                         rewriter.getI64Type(), 1);
    return LLVM::AllocaOp::create(rewriter, op.getLoc(), getPtrType(), type,
                                  one);
  }

  /// void BODY_task(closure, i): runs the body on the i-th chunk.
  LLVM::LLVMFuncOp createTask(rt::LaunchOp op, LLVM::LLVMStructType type,
                              ConversionPatternRewriter &rewriter) const {
    OpBuilder::InsertionGuard guard(rewriter);
    Location loc = op.getLoc();
    auto module = op->getParentOfType<ModuleOp>();
    rewriter.setInsertionPointToEnd(module.getBody());
    Type i64 = rewriter.getI64Type();
    auto task = LLVM::LLVMFuncOp::create(
        rewriter, loc, (op.getBody() + "_task").str(),
        LLVM::LLVMFunctionType::get(getVoidType(), {getPtrType(), i64}),
        LLVM::Linkage::Internal);
    Block *entry = task.addEntryBlock(rewriter);
    rewriter.setInsertionPointToStart(entry);
    Value closure = entry->getArgument(0), number = entry->getArgument(1);
    SmallVector<Value> fields;
    for (auto [i, field] : llvm::enumerate(type.getBody()))
      fields.push_back(LLVM::LoadOp::create(
          rewriter, loc, field, fieldPointer(rewriter, loc, type, closure, i)));
    Value begin = LLVM::MulOp::create(rewriter, loc, number, fields[1]);
    Value end = LLVM::UMinOp::create(
        rewriter, loc, LLVM::AddOp::create(rewriter, loc, begin, fields[1]),
        fields[0]);
    SmallVector<Value> arguments = {begin, end};
    for (auto [capture, field] : llvm::zip_equal(
             op.getCaptures(), ArrayRef<Value>(fields).drop_front(2))) {
      if (auto memref = dyn_cast<MemRefType>(capture.getType()))
        MemRefDescriptor::unpack(rewriter, loc, field, memref, arguments);
      else
        arguments.push_back(field);
    }
    LLVM::CallOp::create(rewriter, loc, TypeRange(), op.getBody(), arguments);
    LLVM::ReturnOp::create(rewriter, loc, ValueRange());
    return task;
  }
};

} // namespace

void moec::lower::populateLaunch(const LLVMTypeConverter &converter,
                                 RewritePatternSet &patterns) {
  patterns.add<LaunchLowering>(converter);
}
