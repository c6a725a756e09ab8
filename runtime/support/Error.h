//===- Error.h - Errors inside the runtime --------------------------------===//
//
// Part of moec. Inside the runtime an error that a user can cause is thrown as
// `Error` and becomes a status at the C interface. The callbacks of programs
// never throw: they cross frames of generated code.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SUPPORT_ERROR_H
#define MOEC_RT_SUPPORT_ERROR_H

#include <sstream>
#include <stdexcept>
#include <string>

namespace moec::rt {

class Error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// All parts written one after another.
template <typename... Parts> std::string concat(const Parts &...parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

/// Throws an Error whose message is all parts.
template <typename... Parts> [[noreturn]] void fail(const Parts &...parts) {
  throw Error(concat(parts...));
}

} // namespace moec::rt

#endif // MOEC_RT_SUPPORT_ERROR_H
