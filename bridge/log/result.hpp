// What can go wrong in the log, as values. Errors of the file layer travel as std::system_category codes.
#pragma once

#include <system_error>

#include <tl/expected.hpp>

namespace weather::log {

enum class Errc {
  ok = 0,
  full,       // on_full = block or drop_newest: not stored, nothing was accepted
  degraded,   // the card is broken, read-only or out of space, and the RAM reserve is used up; retried by
              // itself
  closed,     // the log was closed while waiting
  timed_out,  // not durable yet; it may still become durable
  too_large,  // more than max_frame_bytes in one append
  corrupt,    // bytes on disk that no writer of this format wrote
  locked,     // another process writes this log
  newer,      // written by a newer format version: refuse, never guess
  not_found,  // no log, cursor or record there
  invalid,    // an argument outside its documented range
};

const std::error_category& log_category() noexcept;
inline std::error_code make_error_code(Errc e) noexcept {
  return {static_cast<int>(e), log_category()};
}

template <class T>
using Result = tl::expected<T, std::error_code>;
inline tl::unexpected<std::error_code> fail(Errc e) {
  return tl::unexpected(make_error_code(e));
}
inline tl::unexpected<std::error_code> fail(std::error_code e) {
  return tl::unexpected(e);
}

}  // namespace weather::log

template <>
struct std::is_error_code_enum<weather::log::Errc> : std::true_type {};
