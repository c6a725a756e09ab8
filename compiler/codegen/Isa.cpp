#include "codegen/Isa.h"

using namespace moec;
using namespace moec::codegen;

llvm::SmallVector<Isa>
moec::codegen::isaLevels(llvm::ArrayRef<Weight> weights) {
  llvm::SmallVector<Isa> levels = {
      {"x86-64-v4", "x86-64-v4", "", "_v4", "512"},
      {"x86-64-v3", "x86-64-v3", "", "_v3", "256"}};
  auto isForAmx = [](const Weight &weight) {
    return weight.kind != rt::PackKind::None && weight.type.manifest == "bf16";
  };
  if (llvm::any_of(weights, isForAmx))
    levels.insert(levels.begin(), {"x86-64-v4+amx", "x86-64-v4",
                                   "+amx-tile,+amx-bf16", "_amx", "512"});
  return levels;
}
