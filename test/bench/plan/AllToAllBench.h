//===- AllToAllBench.h - Parts of bench-plan-a2a --------------------------===//
#ifndef MOEC_TEST_BENCH_PLAN_ALLTOALLBENCH_H
#define MOEC_TEST_BENCH_PLAN_ALLTOALLBENCH_H

/// Aurora's four settings: our ratios beside the paper's.
void printAuroraTable();

/// Processor time of the all-to-all solvers by size.
void printSolverTimes();

/// Several nodes: hierarchical and flat rounds against the physical bound.
void printHierarchical();

#endif // MOEC_TEST_BENCH_PLAN_ALLTOALLBENCH_H
