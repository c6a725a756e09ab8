//===- main.cpp - moe-run: runs a compiled model --------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Run.h"

int main(int argc, char **argv) {
  return moec::run::moeRun(std::vector<std::string>(argv + 1, argv + argc));
}
