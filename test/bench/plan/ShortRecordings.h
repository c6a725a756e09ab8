//===- ShortRecordings.h - Placement on recordings of a few steps ---------===//
//
// Part of moec. A table on standard output: every recording below shared/data,
// whole and in windows of a quarter and a sixteenth; chosen on the first half
// of the steps, reported on the second, as step time over EPLB's.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_BENCH_PLAN_SHORTRECORDINGS_H
#define MOEC_BENCH_PLAN_SHORTRECORDINGS_H

namespace moec::bench {

void benchShortRecordings();

} // namespace moec::bench

#endif // MOEC_BENCH_PLAN_SHORTRECORDINGS_H
