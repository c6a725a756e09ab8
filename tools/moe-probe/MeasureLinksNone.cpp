#include "MeasureLinks.h"

using namespace moec::tools;

Ranks::Ranks(int &, char **&) {}
Ranks::~Ranks() = default;
void Ranks::wait() const {}

LinkSpeed Ranks::measureLinks() const {
  return {0, 0, "links left out: built without MPI"};
}

std::vector<double> Ranks::gather(const std::vector<double> &values) const {
  return values;
}
