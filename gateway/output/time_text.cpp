#include "gateway/output/time_text.hpp"

#include <array>
#include <ctime>

#include "sensors/reading/time.hpp"

namespace weather::gateway {

std::string time_text(std::int64_t unix_ns) {
  if (unix_ns == 0) return "–";
  const auto seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

std::string time_text(const std::string& rfc3339) {
  const auto time = sensors::parse_time(rfc3339);
  return time && time->has_zone ? time_text(time->ns) : rfc3339;
}

std::string file_stamp() {
  const auto now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &utc);
  return text.data();
}

}  // namespace weather::gateway
