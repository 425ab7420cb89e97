#include "gateway/clock/system_stamper.hpp"

#include <charconv>
#include <ctime>
#include <fstream>
#include <string>

#include <sys/timex.h>

namespace weather::gateway {
namespace {

std::int64_t clock_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// "1b4e28ba-2fa1-..." -> its first 64 bits; 0 where /proc is hidden.
std::uint64_t read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text, digits;
  std::getline(file, text);
  for (const char c : text)
    if (c != '-') digits += c;
  std::uint64_t id = 0;
  std::from_chars(digits.data(), digits.data() + std::min<std::size_t>(digits.size(), 16), id, 16);
  return id;
}

v1::ClockQuality ask(const std::filesystem::path& timesync_folder) {
  std::error_code ignored;
  if (std::filesystem::exists(timesync_folder / "synchronized", ignored)) return v1::CLOCK_SYNCHRONISED;
  timex state{};
  if (::adjtimex(&state) < 0) return v1::CLOCK_UNKNOWN;
  return (static_cast<unsigned>(state.status) & STA_UNSYNC) == 0 ? v1::CLOCK_SYNCHRONISED
                                                                 : v1::CLOCK_UNSYNCHRONISED;
}

}  // namespace

SystemStamper::SystemStamper(std::filesystem::path timesync_folder)
    : timesync_folder_(std::move(timesync_folder)), boot_id_(read_boot_id()) {}

Stamp SystemStamper::now() {
  const auto boot_ns = clock_ns(CLOCK_BOOTTIME);
  return {clock_ns(CLOCK_REALTIME), boot_ns, boot_id_, quality(boot_ns)};
}

v1::ClockQuality SystemStamper::quality(std::int64_t boot_ns) {
  auto asked = asked_ns_.load();
  const bool due = asked == 0 || boot_ns - asked > 1'000'000'000;
  if (due && asked_ns_.compare_exchange_strong(asked, boot_ns)) quality_ = ask(timesync_folder_);
  return static_cast<v1::ClockQuality>(quality_.load());
}

}  // namespace weather::gateway
