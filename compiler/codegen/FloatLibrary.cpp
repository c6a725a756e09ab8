#include "codegen/FloatLibrary.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;

void moec::codegen::addFloatLibrary(Module &module) {
  LLVMContext &context = module.getContext();
  Type *f32 = Type::getFloatTy(context), *bf16 = Type::getBFloatTy(context);
  Function *function =
      Function::Create(FunctionType::get(bf16, f32, /*isVarArg=*/false),
                       GlobalValue::WeakODRLinkage, "__truncsfbf2", module);
  function->setVisibility(GlobalValue::HiddenVisibility);
  IRBuilder<> b(BasicBlock::Create(context, "entry", function));
  Value *x = function->getArg(0);
  Value *bits = b.CreateBitCast(x, b.getInt32Ty());
  // Adding half a unit, less one where the kept part is even, carries exactly
  // when the value must be rounded up.
  Value *odd = b.CreateAnd(b.CreateLShr(bits, 16), 1);
  Value *rounded = b.CreateAdd(bits, b.CreateAdd(odd, b.getInt32(0x7fff)));
  Value *quiet = b.CreateOr(bits, 0x400000);
  Value *isNaN = b.CreateFCmpUNO(x, x);
  Value *high = b.CreateLShr(b.CreateSelect(isNaN, quiet, rounded), 16);
  b.CreateRet(b.CreateBitCast(b.CreateTrunc(high, b.getInt16Ty()), bf16));
}
