/*===- moe_rt.h - Run a compiled model from C -----------------------------===*\
|*
|* Part of moec. The embedders' side of the runtime: open an artifact (a
|* `model.moe` directory), make a session, run it with named tensors, borrow
|* the outputs.
|*
|* Errors: a function that can fail returns a `moe_rt_status *`. NULL is
|* success; anything else is owned by the caller, carries one message, and is
|* freed with moe_rt_status_free. Out parameters come last and are written on
|* success only. Misuse that a caller can check beforehand (an index out of
|* range, a NULL handle) is answered by an error, never by a crash.
|*
|* Threads: an artifact may be shared by sessions of several threads; a session
|* is used by one thread at a time.
|*
\*===--------------------------------------------------------------------===*/

#ifndef MOE_RT_H
#define MOE_RT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status -------------------------------------------------------------- */

typedef struct moe_rt_status moe_rt_status;
/* Borrowed from the status, valid until it is freed; "" for NULL. */
const char *moe_rt_status_message(const moe_rt_status *status);
void moe_rt_status_free(moe_rt_status *status); /* NULL allowed */

/* ---- Tensors ------------------------------------------------------------- */

typedef enum moe_rt_type {
  MOE_RT_F32,
  MOE_RT_F16,
  MOE_RT_BF16,
  MOE_RT_F64,
  MOE_RT_I64,
  MOE_RT_I32,
  MOE_RT_I16,
  MOE_RT_I8,
  MOE_RT_U8,
  MOE_RT_U16,
  MOE_RT_U32,
  MOE_RT_U64,
  MOE_RT_I1 /* one byte an element, 0 or 1 */
} moe_rt_type;

const char *moe_rt_type_name(moe_rt_type type); /* "f32"; static */
int64_t moe_rt_type_bytes(moe_rt_type type);    /* bytes an element */

/* A row-major contiguous tensor. Everything it points to is borrowed. `data`
   is aligned to the element size at least; it may be NULL without elements. */
typedef struct moe_rt_tensor {
  const char *name;
  moe_rt_type type;
  int64_t rank;
  const int64_t *shape; /* [rank] */
  const void *data;
} moe_rt_tensor;

/* What an artifact says of an input or output; borrowed from the artifact.
   shape[i] < 0: the size is not fixed and symbols[i] is its name or an
   expression; otherwise symbols[i] is NULL. */
typedef struct moe_rt_signature {
  const char *name;
  moe_rt_type type;
  int64_t rank;
  const int64_t *shape;
  const char *const *symbols;
} moe_rt_signature;

/* ---- Artifact ------------------------------------------------------------ */

typedef struct moe_rt_artifact moe_rt_artifact;

/* Opens the directory `path`, checks manifest, versions and weights, loads the
   program. `verify` != 0: also reads every file once and compares checksums.
   The caller owns *artifact. */
moe_rt_status *moe_rt_artifact_open(const char *path, int verify,
                                    moe_rt_artifact **artifact);
/* Sessions keep what they need: an artifact may be closed before them. */
void moe_rt_artifact_close(moe_rt_artifact *artifact); /* NULL allowed */

const char *moe_rt_artifact_name(const moe_rt_artifact *artifact);
int64_t moe_rt_artifact_ranks(const moe_rt_artifact *artifact);
int64_t moe_rt_artifact_inputs(const moe_rt_artifact *artifact);
int64_t moe_rt_artifact_outputs(const moe_rt_artifact *artifact);
moe_rt_status *moe_rt_artifact_input(const moe_rt_artifact *artifact,
                                     int64_t index, moe_rt_signature *input);
moe_rt_status *moe_rt_artifact_output(const moe_rt_artifact *artifact,
                                      int64_t index, moe_rt_signature *output);
/* State that a decoder carries from one step to the next: pair `index` says
   that the named output is the named input of the following run. */
int64_t moe_rt_artifact_decode_states(const moe_rt_artifact *artifact);
moe_rt_status *moe_rt_artifact_decode_state(const moe_rt_artifact *artifact,
                                            int64_t index, const char **input,
                                            const char **output);

/* Whether sessions keep this state: its input may then be left out. */
int moe_rt_artifact_keeps_state(const moe_rt_artifact *artifact, int64_t index);

/* ---- Session ------------------------------------------------------------- */

typedef struct moe_rt_session moe_rt_session;

typedef struct moe_rt_options {
  int64_t threads_per_rank; /* 0: this process's processors / ranks, >= 1 */
  double timeout_seconds;   /* 0: 30; how long a rank waits for another one */
} moe_rt_options;

/* All ranks as threads of this process. `options` may be NULL. The caller owns
 *session. */
moe_rt_status *moe_rt_session_create(const moe_rt_artifact *artifact,
                                     const moe_rt_options *options,
                                     moe_rt_session **session);
void moe_rt_session_close(moe_rt_session *session); /* NULL allowed */
int64_t moe_rt_session_threads_per_rank(const moe_rt_session *session);

/* Runs the model once. `inputs` [count] name every input once, in any order. The
   input of a kept state may be left out: the run continues the state that the
   last successful run left, or one of length 0, and copies only what is new;
   they are borrowed until the call returns. If the error says that a rank is
   still running, that rank may read them until the session is closed. */
moe_rt_status *moe_rt_session_run(moe_rt_session *session,
                                  const moe_rt_tensor *inputs, int64_t count);

/* Forgets the kept states and the outputs of the last run: a run without the
   states' inputs begins anew. */
moe_rt_status *moe_rt_session_reset(moe_rt_session *session);

/* Output `index` of the last run, which must have succeeded. Borrowed: the
   shape until the next run begins, the data until it ends. With the input's
   name it may be an input of that run as it is, without a copy. */
moe_rt_status *moe_rt_session_output(const moe_rt_session *session,
                                     int64_t index, moe_rt_tensor *output);

/* ---- Profile ------------------------------------------------------------- */

/* A step of a rank's program. Steps follow one another without gaps. */
typedef struct moe_rt_profile_step {
  const char *phase;  /* route, dispatch, experts, combine, attention, dense,
                         elementwise or exchange */
  const char *what;   /* the kernel, or the kind of step */
  const char *source; /* node of the model, of the first of equal layers; or "" */
  int64_t layer;  /* counts the calls of code that equal layers share; -1: the
                     step is not in such a call */
  int64_t flops;  /* floating-point operations it has to do; 0: not counted */
  int64_t bytes;  /* it has to read and write; 0: not counted */
  double begin;   /* seconds since the rank's program began */
  double seconds;
} moe_rt_profile_step;

/* Whether the following runs keep a profile; off at first. */
moe_rt_status *moe_rt_session_set_profiling(moe_rt_session *session, int on);
/* Steps of `rank` in the last run: *count of them, 0 if it kept no profile.
   Borrowed until the next run; the texts as long as the session. */
moe_rt_status *moe_rt_session_profile(const moe_rt_session *session,
                                      int64_t rank,
                                      const moe_rt_profile_step **steps,
                                      int64_t *count);

#ifdef __cplusplus
}
#endif

#endif /* MOE_RT_H */
