#include "passes/lower/ProgramEntry.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

moec::lower::NoAliasPointers moec::lower::collectNoAlias(ModuleOp module) {
  NoAliasPointers result;
  for (auto function : module.getOps<func::FuncOp>()) {
    unsigned position = 0;
    for (BlockArgument argument : function.getArguments()) {
      auto memref = dyn_cast<MemRefType>(argument.getType());
      bool alone = static_cast<bool>(
          function.getArgAttr(argument.getArgNumber(), "moe_rt.noalias"));
      if (memref && alone) // allocated and aligned pointer
        result[function.getSymName()].append({position, position + 1});
      position += memref ? MemRefDescriptor::getNumUnpackedValues(memref) : 1;
    }
  }
  return result;
}

void moec::lower::privatizeFunctions(ModuleOp module,
                                     const NoAliasPointers &noAlias) {
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    if (function.isExternal())
      continue;
    function.setLinkage(LLVM::Linkage::Internal);
    // The manifest was made from them; LLVM has no use for names and extents.
    function.removeArgAttrsAttr();
    function.removeResAttrsAttr();
    auto it = noAlias.find(function.getSymName());
    if (it == noAlias.end())
      continue;
    for (unsigned position : it->second)
      function.setArgAttr(position, LLVM::LLVMDialect::getNoAliasAttrName(),
                          UnitAttr::get(module.getContext()));
  }
}

/// The i-th pointer of an array of pointers.
static Value loadPointer(OpBuilder &builder, Location loc, Value array,
                         int32_t i) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value slot = LLVM::GEPOp::create(builder, loc, pointer, pointer, array,
                                   ArrayRef<LLVM::GEPArg>{i});
  return LLVM::LoadOp::create(builder, loc, pointer, slot);
}

LogicalResult
moec::lower::createProgramEntry(ModuleOp module, FunctionType signature,
                                const LLVMTypeConverter &converter) {
  auto main = module.lookupSymbol<LLVM::LLVMFuncOp>("main");
  for (Type type :
       llvm::concat<const Type>(signature.getInputs(), signature.getResults()))
    if (!isa<MemRefType>(type))
      return main.emitError("the program may only take and return tensors; ")
             << "@main has " << type;
  // The names of inputs and outputs are in the module's tables.
  main.removeArgAttrsAttr();
  main.removeResAttrsAttr();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location loc = main.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto none = LLVM::LLVMVoidType::get(module.getContext());
  auto entry = LLVM::LLVMFuncOp::create(
      builder, loc, kProgramEntry,
      LLVM::LLVMFunctionType::get(none, {pointer, pointer}));
  Block *block = entry.addEntryBlock(builder);
  builder.setInsertionPointToStart(block);
  SmallVector<Value> arguments;
  for (auto [i, type] : llvm::enumerate(signature.getInputs())) {
    Value at = loadPointer(builder, loc, block->getArgument(0), i);
    Value descriptor =
        LLVM::LoadOp::create(builder, loc, converter.convertType(type), at);
    MemRefDescriptor::unpack(builder, loc, descriptor, cast<MemRefType>(type),
                             arguments);
  }
  auto call = LLVM::CallOp::create(builder, loc, main, arguments);
  unsigned results = signature.getNumResults();
  for (unsigned i = 0; i < results; ++i) {
    Value descriptor = call.getResult();
    if (results > 1)
      descriptor = LLVM::ExtractValueOp::create(builder, loc, descriptor, i);
    Value at = loadPointer(builder, loc, block->getArgument(1), i);
    LLVM::StoreOp::create(builder, loc, descriptor, at);
  }
  LLVM::ReturnOp::create(builder, loc, ValueRange());
  return success();
}
