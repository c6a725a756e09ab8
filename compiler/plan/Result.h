//===- Result.h - What every planner call returns -------------------------===//
//
// Part of moec. A planner never throws and never asserts on its input: it
// returns a value or a PlanError that says which constraint failed, for which
// subject, and by how much.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_RESULT_H
#define MOEC_PLAN_RESULT_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace moec::plan {

enum class ErrorCode {
  InvalidInput, ///< The problem itself is malformed (`check()` failed).
  Infeasible,   ///< The problem is well formed but has no solution.
  Violated, ///< A solution does not satisfy its problem (`verify()` failed).
};

/// One failed constraint. `subjects` are the dense ids (device, expert, round,
/// ...) the message talks about, so that a caller can map them to locations.
struct PlanError {
  ErrorCode code = ErrorCode::InvalidInput;
  std::string message;
  std::vector<int64_t> subjects = {};
};

/// A value or the reason why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : storage(std::move(value)) {}
  Result(PlanError error) : storage(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(storage); }
  T &operator*() { return std::get<T>(storage); }
  const T &operator*() const { return std::get<T>(storage); }
  T *operator->() { return &std::get<T>(storage); }
  const T *operator->() const { return &std::get<T>(storage); }
  const PlanError &error() const { return std::get<PlanError>(storage); }

private:
  std::variant<T, PlanError> storage;
};

/// Success, or the reason for failure; what `check()` and `verify()` return.
using Status = Result<std::monostate>;
inline Status success() { return Status(std::monostate{}); }
inline PlanError invalid(std::string message, std::vector<int64_t> ids = {}) {
  return {ErrorCode::InvalidInput, std::move(message), std::move(ids)};
}
inline PlanError infeasible(std::string message,
                            std::vector<int64_t> ids = {}) {
  return {ErrorCode::Infeasible, std::move(message), std::move(ids)};
}
inline PlanError violated(std::string message, std::vector<int64_t> ids = {}) {
  return {ErrorCode::Violated, std::move(message), std::move(ids)};
}

/// A measured quantity for a message: six digits, whatever its size.
inline std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

} // namespace moec::plan

#endif // MOEC_PLAN_RESULT_H
