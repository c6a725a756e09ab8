//===- Norm.cpp - Layer and root-mean-square normalisation ----------------===//

#include "passes/import/lowering/Lowering.h"

using namespace moec;

void moec::addNormLowerings(llvm::StringMap<NodeLowering> &table) {}
