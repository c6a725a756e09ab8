//===- Escape.cpp - How a failing program leaves its run ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "support/Escape.h"

namespace moec::rt {

constinit thread_local jmp_buf *escape = nullptr;

} // namespace moec::rt
