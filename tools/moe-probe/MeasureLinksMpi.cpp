#include "Measure.h"
#include "MeasureLinks.h"

#include <mpi.h>

#include <algorithm>

using namespace moec::tools;

Ranks::Ranks(int &argc, char **&argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &own);
  MPI_Comm_size(MPI_COMM_WORLD, &all);
  MPI_Comm host;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, own, MPI_INFO_NULL,
                      &host);
  MPI_Comm_size(host, &local);
  first = own;
  MPI_Bcast(&first, 1, MPI_INT, 0, host);
  MPI_Comm_free(&host);
}

Ranks::~Ranks() { MPI_Finalize(); }

void Ranks::wait() const { MPI_Barrier(MPI_COMM_WORLD); }

/// Seconds of one exchange of `bytes` with the ranks `distance` away.
static double exchange(int rank, int size, int distance, std::vector<char> &out,
                       std::vector<char> &in, int bytes) {
  int to = (rank + distance) % size, from = (rank + size - distance) % size;
  constexpr int repeats = 10;
  double fastest = 0;
  for (int run = 0; run < repeats; ++run) {
    MPI_Barrier(MPI_COMM_WORLD);
    double start = now();
    MPI_Sendrecv(out.data(), bytes, MPI_CHAR, to, 0, in.data(), bytes, MPI_CHAR,
                 from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    double seconds = now() - start;
    fastest = run == 0 ? seconds : std::min(fastest, seconds);
  }
  return fastest;
}

LinkSpeed Ranks::measureLinks() const {
  LinkSpeed result;
  if (all == 1) {
    result.note = "links left out: one rank; run under mpirun -np N";
    return result;
  }
  constexpr int bytes = 8 << 20;
  std::vector<char> out(bytes), in(bytes);
  double latency = 0, seconds = 0;
  for (int distance = 1; distance < all; ++distance) {
    latency = std::max(latency, exchange(own, all, distance, out, in, 0));
    seconds = std::max(seconds, exchange(own, all, distance, out, in, bytes));
  }
  result.latency = latency;
  result.bandwidth = bytes / std::max(seconds - latency, 1e-9);
  return result;
}

std::vector<double> Ranks::gather(const std::vector<double> &values) const {
  int count = static_cast<int>(values.size());
  std::vector<double> result(own == 0 ? values.size() * all : 0);
  MPI_Gather(values.data(), count, MPI_DOUBLE, result.data(), count, MPI_DOUBLE,
             0, MPI_COMM_WORLD);
  return result;
}
