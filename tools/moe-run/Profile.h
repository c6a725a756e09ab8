//===- Profile.h - Where a run spends its time ----------------------------===//
//
// Part of moec. Steps of the runtime's profile, by layer and phase.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_PROFILE_H
#define MOEC_TOOLS_MOERUN_PROFILE_H

#include "Timing.h"

#include <span>
#include <string>
#include <vector>

namespace moec::run {

using Step = moe_rt_profile_step;

/// What a number of steps did.
struct Work {
  double seconds = 0; ///< mean of the ranks
  double flops = 0;   ///< of all ranks together, as what follows
  double bytes = 0;
};

struct PhaseWork {
  std::string phase; ///< a phase of moe_rt_profile_step, or "head"
  Work work;
};

/// The phases of a layer in the order in which they first came.
struct LayerWork {
  std::string layer; ///< "0", "1", ...; "end": behind the last one; "all": of a
                     ///< program without layers
  std::vector<PhaseWork> phases;
};

/// What the machine can do at most with the threads of all ranks.
struct Limits {
  double flops = 0; ///< f32 operations/s
  double bytes = 0; ///< read from memory per second
};

/// One run of a model.
struct RunProfile {
  Timing timing; ///< of the runs that it is the median of
  std::vector<std::vector<Step>> ranks;
};

/// The median of `runs` >= 1 runs by rank 0's time, after `warmup` runs. Throws
/// Error.
RunProfile profileRuns(Model &model, const std::vector<HostTensor> &inputs,
                       int64_t runs, int64_t warmup);

/// Label of the layer of each step of one rank. A layer ends with the combine of
/// its experts' results; one without experts with the call of the code that it
/// shares with equal layers.
std::vector<std::string> layersOf(std::span<const Step> steps);

/// By layer and phase, in the order of the program.
std::vector<LayerWork> byLayer(const std::vector<std::vector<Step>> &ranks);

/// All layers together.
std::vector<PhaseWork> byPhase(const std::vector<LayerWork> &layers);

/// The share of the limit that binds: the larger of the two shares.
double shareOf(const Work &work, const Limits &limits);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_PROFILE_H
