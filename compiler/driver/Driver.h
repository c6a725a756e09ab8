//===- Driver.h - moe-compile as a library --------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DRIVER_DRIVER_H
#define MOEC_DRIVER_DRIVER_H

namespace moec::driver {

/// Runs moe-compile. Returns the exit code: 0; 1 after one error message; 2 for
/// a wrong command line. After an error nothing is left behind.
int compile(int argc, const char *const *argv);

} // namespace moec::driver

#endif // MOEC_DRIVER_DRIVER_H
