//===- Escape.h - How a failing program leaves its run --------------------===//
//
// Part of moec. Generated code has no error returns and no unwind tables we
// could rely on, so a failing callback leaves it by longjmp. The rule that
// makes this safe: between a `setjmp` on `escape` and the `longjmp` lie only
// frames of the program and callback frames whose objects are all trivially
// destructible. A callback that can fail therefore does its work in an inner
// function, which reports failure by its result and has returned (and run its
// destructors) before `leaveProgram` is called.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SUPPORT_ESCAPE_H
#define MOEC_RT_SUPPORT_ESCAPE_H

#include <csetjmp>

namespace moec::rt {

/// Where this thread's program code is left to; null outside of programs. The
/// main thread of a rank returns to the start of the run, a thread of its pool
/// to the start of its tasks.
extern constinit thread_local jmp_buf *escape;

[[noreturn]] inline void leaveProgram() { std::longjmp(*escape, 1); }

} // namespace moec::rt

#endif // MOEC_RT_SUPPORT_ESCAPE_H
