//===- AllToAllRounds.h - Parts the all-to-all solvers share --------------===//
//
// Part of moec. Rounds of a checked problem, not verified yet. Private to the
// solvers.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_ALLTOALLROUNDS_H
#define MOEC_PLAN_ALLTOALLROUNDS_H

#include "plan/AllToAllOpenShop.h"
#include "plan/AllToAllSolvers.h"

#include <cstdint>

namespace moec::plan {

/// Sets every round's seconds to what its ports need.
void timeRounds(const AllToAllProblem &problem, AllToAllSolution &solution);

/// One-to-one rounds in units of `quantum` >= 1 bytes at the fastest port: a
/// larger quantum gives fewer rounds and at most n * quantum bytes more time.
/// It is raised where sums of units would not fit 62 bits.
AllToAllSolution oneToOneRounds(const AllToAllProblem &problem,
                                int64_t quantum);

/// Rounds over `chooseUnitPorts`.
AllToAllSolution unitPortRounds(const AllToAllProblem &problem);

} // namespace moec::plan

#endif // MOEC_PLAN_ALLTOALLROUNDS_H
