// What can go wrong in the log, as values. Errors of the file layer travel as std::system_category codes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

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

}  // namespace weather::log

template <>
struct std::is_error_code_enum<weather::log::Errc> : std::true_type {};

namespace weather::log {

// An error code, and the place where it happened if that is a file. The files of placed_files.hpp fill it in.
class Error {
 public:
  Error() = default;
  Error(Errc code) : code_(code) {}
  Error(std::error_code code) : code_(code) {}
  Error(std::error_code code, std::string file, std::optional<std::uint64_t> offset = std::nullopt)
      : code_(code), file_(std::move(file)), offset_(offset) {}

  const std::error_code& code() const { return code_; }
  operator const std::error_code&() const { return code_; }
  explicit operator bool() const { return static_cast<bool>(code_); }
  const std::string& file() const { return file_; }  // its path; empty: no file is concerned
  const std::optional<std::uint64_t>& offset() const { return offset_; }

  std::string place(const std::string& otherwise) const;  // "FILE at byte 4096", "FILE" or `otherwise`
  std::string message() const;                            // "FILE at byte 4096: Input/output error"

  friend bool operator==(const Error& error, const std::error_code& code) { return error.code_ == code; }
  friend bool operator==(const Error& error, Errc code) { return error.code_ == make_error_code(code); }
  friend bool operator==(const Error& error, std::errc condition) { return error.code_ == condition; }

 private:
  std::error_code code_;
  std::string file_;
  std::optional<std::uint64_t> offset_;
};

template <class T>
using Result = tl::expected<T, Error>;
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected(std::move(error));
}

}  // namespace weather::log
