/* Strided memref descriptors, as programs see them. */
#ifndef MOEC_TEST_MEMREF_H
#define MOEC_TEST_MEMREF_H

#include <stdint.h>

struct memref1 {
  void *allocated, *aligned;
  int64_t offset, sizes[1], strides[1];
};

struct memref2 {
  void *allocated, *aligned;
  int64_t offset, sizes[2], strides[2];
};

static inline void set1(struct memref1 *m, void *data, int64_t size) {
  m->allocated = m->aligned = data;
  m->offset = 0;
  m->sizes[0] = size;
  m->strides[0] = 1;
}

static inline void set2(struct memref2 *m, void *data, int64_t rows,
                        int64_t columns) {
  m->allocated = m->aligned = data;
  m->offset = 0;
  m->sizes[0] = rows;
  m->sizes[1] = columns;
  m->strides[0] = columns;
  m->strides[1] = 1;
}

#endif
