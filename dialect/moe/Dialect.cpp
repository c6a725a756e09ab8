#include "dialect/moe/Moe.h"

using namespace moec::moe;

#include "dialect/moe/MoeDialect.cpp.inc"

void MoeDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialect/moe/MoeOps.cpp.inc"
      >();
}
