//===- Attention.cpp - Attention and rotary embedding ---------------------===//

#include "passes/import/lowering/Lowering.h"

using namespace moec;

void moec::addAttentionLowerings(llvm::StringMap<NodeLowering> &table) {}
