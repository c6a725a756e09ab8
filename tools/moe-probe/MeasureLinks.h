//===- MeasureLinks.h - Bandwidth between MPI ranks -----------------------===//
//
// Part of moec. Built with MPI or without; what was left out is said.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOEPROBE_MEASURELINKS_H
#define MOEC_TOOLS_MOEPROBE_MEASURELINKS_H

#include <string>
#include <vector>

namespace moec::tools {

struct LinkSpeed {
  double bandwidth = 0; ///< bytes/s of a port, both directions at once
  double latency = 0;   ///< seconds of an empty message, one way
  std::string note;     ///< why there is none, when bandwidth is 0
};

/// The ranks of `mpirun` around the whole program; one rank without it.
class Ranks {
public:
  Ranks(int &argc, char **&argv);
  ~Ranks();
  Ranks(const Ranks &) = delete;
  int rank() const { return own; }
  int size() const { return all; }
  /// How many ranks share this rank's host, and the lowest of them.
  int mates() const { return local; }
  int leader() const { return first; }
  /// Waits for all ranks; called between measurements, so that ranks measure
  /// at the same time, as they will run.
  void wait() const;
  /// Exchanges with a neighbour at each distance; the slowest distance counts.
  LinkSpeed measureLinks() const;
  /// `values` of every rank behind each other, on rank 0; empty elsewhere.
  std::vector<double> gather(const std::vector<double> &values) const;

private:
  int own = 0, all = 1, local = 1, first = 0;
};

} // namespace moec::tools

#endif // MOEC_TOOLS_MOEPROBE_MEASURELINKS_H
