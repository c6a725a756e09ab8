/*===- moe_rt_program.h - What a compiled program may call ----------------===*\
|*
|* Part of moec. The programs' side of the runtime, ABI version 3. A program is
|* a shared object that exports entry functions of type moe_rt_entry and leaves
|* the functions below undefined; they live in libmoe_rt.so.
|*
|* A function that fails does not return: it ends the run of this rank by
|* longjmp out of the program, so program code must not rely on destructors.
|* The runtime's own frames hold no object with a destructor at that moment.
|*
|* The exchanges, layers and marks are called on the rank's main thread only;
|* every other function also inside a body of moe_rt_parallel_for.
|*
\*===--------------------------------------------------------------------===*/

#ifndef MOE_RT_PROGRAM_H
#define MOE_RT_PROGRAM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MOE_RT_ABI_VERSION 3

/* inputs[i], outputs[i]: a strided memref descriptor of the manifest's rank,
     { void *allocated; void *aligned; int64_t offset;
       int64_t sizes[rank]; int64_t strides[rank]; }
   offset and strides in elements. Inputs are contiguous, shared by all ranks,
   read-only, aligned to the element size at least. The program fills the
   output descriptors; their data come from moe_rt_alloc, or are (part of) an
   input, a weight or another output, and are not freed by the program. */
typedef void (*moe_rt_entry)(void **inputs, void **outputs);

/* Uninitialised memory, aligned to 64 bytes, never NULL; bytes >= 0. What is
   not freed belongs to the run and is taken back by the runtime later. */
void *moe_rt_alloc(int64_t bytes);
void moe_rt_free(void *block); /* from moe_rt_alloc, or NULL */

/* Weight `index` of the manifest on this rank: mapped, read-only. */
const void *moe_rt_weight(int64_t index);

/* Appends `more` rows of row_bytes for each of `outer` to state `state` of the
   manifest, which is `past` [outer, length, row] (an input's data), and returns
   the rows that there is room for; moe_rt_state is then [outer, that, row].
   Read-only, until the state is appended to again. Afterwards it has `total`
   rows. The new rows begin at `length`, or, with positions[sequences], at
   positions[i] in the i-th of as many equal parts of `outer`: from 0 to `length`,
   ending within `total`. Rows neither in `past` nor new are 0. */
int64_t moe_rt_append(int64_t state, const void *past, const void *fresh,
                      int64_t outer, int64_t length, int64_t more,
                      int64_t row_bytes, int64_t total,
                      const int64_t *positions, int64_t sequences);
void *moe_rt_state(int64_t state);

int64_t moe_rt_rank(void);
int64_t moe_rt_ranks(void);
int64_t moe_rt_threads(void); /* that work on moe_rt_parallel_for, >= 1 */

/* body(closure, 0) ... body(closure, tasks - 1), each once, in any order, on
   this rank's threads. Returns when all are done. Nested calls run serially. */
void moe_rt_parallel_for(int64_t tasks,
                         void (*body)(void *closure, int64_t task),
                         void *closure);

/* Ends the run on all ranks with "rank R failed: MESSAGE". */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void moe_rt_fail(const char *message);

/* Exchanges rows of row_bytes. The rows for rank 0, 1, ... lie one after
   another in `send` (send_rows[ranks] of them), those from rank 0, 1, ... come
   to lie so in `recv`; the own part is copied. In round r the whole part for
   send_to[r] is sent and the part of recv_from[r] received; -1: none. Each pair
   of ranks with rows meets in exactly one round. rounds == 0: the runtime's own
   rotation, send_to and recv_from may be NULL. `step` is the plan's id of this
   exchange, for messages. Buffers may be reused when the call returns. */
void moe_rt_all_to_all(int64_t step, const void *send, const int64_t *send_rows,
                       void *recv, const int64_t *recv_rows, int64_t row_bytes,
                       const int32_t *send_to, const int32_t *recv_from,
                       int64_t rounds);

/* Every rank gets the rows of rank 0, 1, ...; rows[ranks] is the same on all
   ranks, and `send` holds rows[own rank]. */
void moe_rt_all_gather(int64_t step, const void *send, void *recv,
                       const int64_t *rows, int64_t row_bytes);

/* Around the call of code that equal layers share. Until the end, step_offset is
   added to the steps of exchanges. Not nested. */
void moe_rt_begin_layer(int64_t step_offset);
void moe_rt_end_layer(void);

/* Not 0: this run keeps a profile. Constant during a run. */
int64_t moe_rt_profiling(void);
/* A step of the program begins and the one before ends; see
   moe_rt_profile_step. The texts live as long as the program. Does nothing where
   no profile is kept, but the work is better not computed then. */
void moe_rt_mark(const char *phase, const char *what, const char *source,
                 int64_t flops, int64_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* MOE_RT_PROGRAM_H */
