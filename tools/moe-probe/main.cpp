#include "Probe.h"

int main(int argc, char **argv) { return moec::tools::runMoeProbe(argc, argv); }
