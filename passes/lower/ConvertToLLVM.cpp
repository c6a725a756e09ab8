#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/Passes.h"
#include "passes/lower/ProgramEntry.h"
#include "passes/lower/RuntimeCalls.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace moec::lower {
#define GEN_PASS_DEF_CONVERTTOLLVMPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;

namespace {

struct ConvertToLLVM : moec::lower::impl::ConvertToLLVMPassBase<ConvertToLLVM> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    FunctionType signature = main ? main.getFunctionType() : FunctionType();
    LowerToLLVMOptions options(&getContext());
    options.allocLowering = LowerToLLVMOptions::AllocLowering::None;
    LLVMTypeConverter converter(&getContext(), options);
    lower::NoAliasPointers noAlias = lower::collectNoAlias(getOperation());
    if (failed(convert(converter)))
      return signalPassFailure();
    lower::privatizeFunctions(getOperation(), noAlias);
    if (signature &&
        failed(lower::createProgramEntry(getOperation(), signature, converter)))
      signalPassFailure();
  }

  LogicalResult convert(const LLVMTypeConverter &converter) {
    RewritePatternSet patterns(&getContext());
    SymbolTableCollection symbols;
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns, &symbols);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns,
                                                   &symbols);
    // LLVM's intrinsics where it has one, else libm.
    populateMathToLLVMConversionPatterns(converter, patterns,
                                         /*approximateLog1p=*/false,
                                         /*benefit=*/2);
    populateMathToLibmConversionPatterns(patterns);
    lower::populateRuntimeCalls(converter, patterns);
    lower::populateLaunch(converter, patterns);

    LLVMConversionTarget target(getContext());
    target.addIllegalDialect<arith::ArithDialect, cf::ControlFlowDialect,
                             func::FuncDialect, math::MathDialect,
                             memref::MemRefDialect, rt::MoeRtDialect>();
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }
};

} // namespace
