#include "Commands.h"

#include <vector>

int main(int argc, char **argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  return moec::tools::runMoePlan(words);
}
