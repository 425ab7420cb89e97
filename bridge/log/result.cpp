#include "bridge/log/result.hpp"

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

std::string Error::place(const std::string& otherwise) const {
  if (file_.empty()) return otherwise;
  return offset_ ? file_ + " at byte " + std::to_string(*offset_) : file_;
}

std::string Error::message() const {
  return file_.empty() ? code_.message() : place({}) + ": " + code_.message();
}

}  // namespace weather::log
