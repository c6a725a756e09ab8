/* Programs that go wrong. */
#include "memref.h"
#include "moe_rt_program.h"

#include <unistd.h>

static void gather_nothing(int64_t step) {
  int64_t rows[16] = {0};
  moe_rt_all_gather(step, 0, 0, rows, 1);
}

void fail_on_rank_1(void **inputs, void **outputs) {
  (void)inputs, (void)outputs;
  if (moe_rt_rank() == 1)
    moe_rt_fail("index 7 is out of range");
  gather_nothing(3);
}

static void fail_body(void *closure, int64_t task) {
  (void)closure;
  if (task == 5)
    moe_rt_fail("task 5 met NaN");
}

void fail_in_task(void **inputs, void **outputs) {
  (void)inputs, (void)outputs;
  moe_rt_parallel_for(100, fail_body, 0);
}

/* Fails while the input is negative, so that a session can be used again. */
void fail_if_negative(void **inputs, void **outputs) {
  struct memref1 *x = inputs[0];
  float *y = moe_rt_alloc(4);
  y[0] = *(float *)x->aligned;
  if (moe_rt_rank() == moe_rt_ranks() - 1 && y[0] < 0)
    moe_rt_fail("the input is negative");
  gather_nothing(1);
  set1(outputs[0], y, 1);
}

void leave_early(void **inputs, void **outputs) {
  (void)inputs, (void)outputs;
  if (moe_rt_rank() != 1)
    gather_nothing(21);
}

/* In the second of two layers that share code whose exchange is step 4. */
void leave_second_layer(void **inputs, void **outputs) {
  (void)inputs, (void)outputs;
  moe_rt_begin_layer(0);
  gather_nothing(4);
  moe_rt_end_layer();
  moe_rt_begin_layer(5);
  if (moe_rt_rank() != 1)
    gather_nothing(4);
  moe_rt_end_layer();
}

/* Rank 1 is one second late. */
void hang(void **inputs, void **outputs) {
  (void)inputs, (void)outputs;
  if (moe_rt_rank() == 1)
    usleep(1000000);
  gather_nothing(17);
}

void ask_unknown_weight(void **inputs, void **outputs) {
  (void)inputs, (void)outputs;
  moe_rt_weight(99);
}

void allocate_too_much(void **inputs, void **outputs) {
  (void)inputs, (void)outputs;
  moe_rt_alloc((int64_t)1 << 59);
}

void write_wrong_shape(void **inputs, void **outputs) {
  (void)inputs;
  set2(outputs[0], moe_rt_alloc(4), 1, 1);
}

void write_nothing(void **inputs, void **outputs) {
  struct memref2 *y = outputs[0];
  (void)inputs;
  y->sizes[0] = y->sizes[1] = 2;
}
