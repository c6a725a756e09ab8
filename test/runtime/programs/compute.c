/* Programs of one rank: tasks, memory, weights, aliased outputs. */
#include "memref.h"
#include "moe_rt_program.h"

struct scale_closure {
  const float *x, *factor;
  float *y;
  int64_t columns;
};

static void scale_row(void *closure, int64_t row) {
  struct scale_closure *c = closure;
  for (int64_t i = 0; i < c->columns; ++i)
    c->y[row * c->columns + i] = c->x[row * c->columns + i] * c->factor[i];
}

/* y[n, c] = x[n, c] * weight 0 [c] */
void scale(void **inputs, void **outputs) {
  struct memref2 *x = inputs[0];
  int64_t rows = x->sizes[0], columns = x->sizes[1];
  float *unused = moe_rt_alloc(100);
  float *y = moe_rt_alloc(rows * columns * 4);
  struct scale_closure closure = {x->aligned, moe_rt_weight(0), y, columns};
  moe_rt_parallel_for(rows, scale_row, &closure);
  moe_rt_free(unused);
  set2(outputs[0], y, rows, columns);
}

/* y = x, in two layers of two steps and one more step. */
void profiled(void **inputs, void **outputs) {
  struct memref1 *x = inputs[0];
  for (int64_t layer = 0; layer < 2; ++layer) {
    moe_rt_begin_layer(0);
    moe_rt_mark("route", "topk", "/gate", 0, 8);
    moe_rt_mark("combine", "combine", "/moe", 4, 16);
    moe_rt_end_layer();
  }
  if (moe_rt_profiling())
    moe_rt_mark("dense", "gemm", "/lm_head", 32, 64);
  if (*(float *)x->aligned < 0)
    moe_rt_fail("the input is negative");
  set1(outputs[0], x->aligned, 1);
}

static void count_inner(void *closure, int64_t task) {
  (void)task;
  __atomic_fetch_add((int64_t *)closure, 1, __ATOMIC_RELAXED);
}

static void count_outer(void *closure, int64_t task) {
  (void)task;
  void *scratch = moe_rt_alloc(1000);
  moe_rt_parallel_for(10, count_inner, closure);
  moe_rt_free(scratch);
}

/* counts[0] = 200 inner tasks, counts[1] = threads */
void count_nested(void **inputs, void **outputs) {
  (void)inputs;
  int64_t *counts = moe_rt_alloc(2 * sizeof(int64_t));
  counts[0] = 0;
  counts[1] = moe_rt_threads();
  moe_rt_parallel_for(20, count_outer, counts);
  set1(outputs[0], counts, 2);
}

/* outputs: the input, weight 0, the input transposed */
void alias(void **inputs, void **outputs) {
  struct memref2 *x = inputs[0], *transposed = outputs[2];
  set2(outputs[0], x->aligned, x->sizes[0], x->sizes[1]);
  set1(outputs[1], (void *)moe_rt_weight(0), 3);
  set2(transposed, x->aligned, x->sizes[1], x->sizes[0]);
  transposed->strides[0] = 1;
  transposed->strides[1] = x->sizes[1];
}

/* state[n + 1] = old state[n], then its sum + 1 */
void append(void **inputs, void **outputs) {
  struct memref1 *old = inputs[0];
  int64_t n = old->sizes[0];
  float *state = moe_rt_alloc((n + 1) * 4);
  const float *before = old->aligned;
  state[n] = 1;
  for (int64_t i = 0; i < n; ++i) {
    state[i] = before[i];
    state[n] += before[i];
  }
  set1(outputs[0], state, n + 1);
}

/* State 0 is x [b, n]; it grows by m[b, k] along axis 1, and sum is that of its
   last row. */
void keep(void **inputs, void **outputs) {
  struct memref2 *past = inputs[0], *fresh = inputs[1];
  int64_t rows = past->sizes[0], length = past->sizes[1],
          more = fresh->sizes[1];
  int64_t room = moe_rt_append(0, past->aligned, fresh->aligned, rows, length,
                               more, sizeof(float), length + more, 0, 0);
  const float *state = moe_rt_state(0);
  float *sum = moe_rt_alloc(sizeof(float));
  *sum = 0;
  for (int64_t i = 0; i < length + more; ++i)
    *sum += state[(rows - 1) * room + i];
  if (*sum < 0)
    moe_rt_fail("a negative sum");
  set2(outputs[0], past->aligned, rows, length);
  set1(outputs[1], sum, 1);
}

/* Appends to a state that the manifest does not have. */
void keep_too_many(void **inputs, void **outputs) {
  struct memref2 *past = inputs[0];
  (void)outputs;
  moe_rt_append(1, past->aligned, past->aligned, 0, 0, 0, 4, 0, 0, 0);
}
