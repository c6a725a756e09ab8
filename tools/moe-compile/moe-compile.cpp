//===- moe-compile.cpp - An ONNX model to a program for a machine ---------===//

#include "driver/Driver.h"

int main(int argc, char **argv) { return moec::driver::compile(argc, argv); }
