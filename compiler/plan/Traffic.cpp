#include "plan/Traffic.h"

using namespace moec::plan;

int64_t TrafficMatrix::sent(int64_t from) const {
  int64_t sum = 0;
  for (int64_t to = 0; to < n; ++to)
    sum += to == from ? 0 : (*this)(from, to);
  return sum;
}

int64_t TrafficMatrix::received(int64_t to) const {
  int64_t sum = 0;
  for (int64_t from = 0; from < n; ++from)
    sum += to == from ? 0 : (*this)(from, to);
  return sum;
}

int64_t TrafficMatrix::total() const {
  int64_t sum = 0;
  for (int64_t from = 0; from < n; ++from)
    sum += sent(from);
  return sum;
}

TrafficMatrix TrafficMatrix::transposed() const {
  TrafficMatrix result(n);
  for (int64_t from = 0; from < n; ++from)
    for (int64_t to = 0; to < n; ++to)
      result(to, from) = (*this)(from, to);
  return result;
}

Status TrafficMatrix::check() const {
  const int64_t limit = largestEntry(n);
  for (int64_t from = 0; from < n; ++from)
    for (int64_t to = 0; to < n; ++to) {
      int64_t value = (*this)(from, to);
      if (value < 0 || value > limit)
        return invalid("traffic from " + std::to_string(from) + " to " +
                           std::to_string(to) + " is " + std::to_string(value) +
                           " bytes; expected 0 to " + std::to_string(limit),
                       {from, to});
    }
  return success();
}
