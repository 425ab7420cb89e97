#include "bridge/log/result.hpp"

#include <string>

namespace weather::log {
namespace {

class LogCategory : public std::error_category {
 public:
  const char* name() const noexcept override { return "log"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::ok:
        return "no error";
      case Errc::full:
        return "the log takes no more now: its size limit or its memory reserve is used up";
      case Errc::degraded:
        return "the log cannot write to its disk and its memory reserve is used up";
      case Errc::closed:
        return "the log is closed";
      case Errc::timed_out:
        return "not durable within the time allowed; it may still become durable";
      case Errc::too_large:
        return "more than fits one frame (1 MiB); split the batch";
      case Errc::corrupt:
        return "the bytes on disk are damaged";
      case Errc::locked:
        return "another process writes this log";
      case Errc::newer:
        return "written by a newer format version; use the newer program";
      case Errc::not_found:
        return "no such log, cursor or record";
      case Errc::invalid:
        return "an argument is outside its documented range";
    }
    return "unknown log error";
  }
};

}  // namespace

const std::error_category& log_category() noexcept {
  static const LogCategory category;
  return category;
}

}  // namespace weather::log
