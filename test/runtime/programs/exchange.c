/* Programs of several ranks. */
#include "memref.h"
#include "moe_rt_program.h"

#include <string.h>

/* Each rank multiplies its share of the rows of x[n, 2] by its own weight 0,
   after a trip of these rows around the ring; all ranks gather all rows. */
void ring_scale(void **inputs, void **outputs) {
  struct memref2 *x = inputs[0];
  int64_t ranks = moe_rt_ranks(), rank = moe_rt_rank(), n = x->sizes[0];
  int64_t rows[16], send_rows[16] = {0}, recv_rows[16] = {0};
  int64_t begin = 0;
  for (int64_t r = 0; r < ranks; ++r)
    rows[r] = n * (r + 1) / ranks - n * r / ranks;
  for (int64_t r = 0; r < rank; ++r)
    begin += rows[r];
  int64_t next = (rank + 1) % ranks, last = (rank + ranks - 1) % ranks;
  send_rows[next] = rows[rank];
  recv_rows[last] = rows[last];
  float *mine = moe_rt_alloc(rows[last] * 8);
  float *y = moe_rt_alloc(n * 8);
  int32_t send_to = next, recv_from = last;
  moe_rt_all_to_all(17, (float *)x->aligned + begin * 2, send_rows, mine,
                    recv_rows, 8, &send_to, &recv_from, ranks > 1 ? 1 : 0);
  const float *factor = moe_rt_weight(0);
  for (int64_t i = 0; i < rows[last] * 2; ++i)
    mine[i] *= factor[0];
  float *back = moe_rt_alloc(rows[rank] * 8);
  moe_rt_all_to_all(18, mine, recv_rows, back, send_rows, 8, 0, 0, 0);
  moe_rt_all_gather(19, back, y, rows, 8);
  moe_rt_free(mine);
  moe_rt_free(back);
  set2(outputs[0], y, n, 2);
}
