#include "gateway/clock/system_stamper.hpp"

#include <charconv>
#include <ctime>
#include <fstream>
#include <string>

#include <sys/timex.h>

#include "bridge/encode/clock_table.hpp"

namespace weather::gateway {
namespace {

constexpr std::int64_t ask_every_ns = 1'000'000'000;

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

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

SystemStamper::SystemStamper(StamperOptions options)
    : options_(std::move(options)), boot_id_(read_boot_id()), judge_(bridge::ClockTable::earliest_ns) {}

Stamp SystemStamper::now() {
  const auto wall_ns = clock_ns(CLOCK_REALTIME), boot_ns = clock_ns(CLOCK_BOOTTIME);
  return {wall_ns, boot_ns, boot_id_, quality(wall_ns, boot_ns)};
}

v1::ClockQuality SystemStamper::quality(std::int64_t wall_ns, std::int64_t boot_ns) {
  auto asked = asked_ns_.load();
  const bool due = asked == 0 || boot_ns - asked > ask_every_ns ||
                   ClockJudge::is_step(offset_ns_.load(), wall_ns - boot_ns);
  if (due && asked_ns_.compare_exchange_strong(asked, boot_ns)) {
    const auto said = ask();
    const std::lock_guard lock(mutex_);
    quality_ = judge_.judge(said, wall_ns, boot_ns);
    offset_ns_ = wall_ns - boot_ns;
  }
  return static_cast<v1::ClockQuality>(quality_.load());
}

ClockJudge::Said SystemStamper::ask() const {
  using Said = ClockJudge::Said;
  if (options_.trust == ClockTrust::always || is_there(options_.synchronised_file)) return Said::synchronised;
  if (options_.trust == ClockTrust::file || expects_synchronisation()) return Said::unsynchronised;
  timex state{};
  if (::adjtimex(&state) < 0) return Said::unknown;
  return (static_cast<unsigned>(state.status) & STA_UNSYNC) == 0 ? Said::synchronised : Said::unsynchronised;
}

bool SystemStamper::expects_synchronisation() const {
  return options_.trust != ClockTrust::always && is_there(options_.synchronised_file.parent_path());
}

double SystemStamper::stepped_s() const {
  const std::lock_guard lock(mutex_);
  return judge_.stepped_s();
}

std::uint64_t SystemStamper::steps() const {
  const std::lock_guard lock(mutex_);
  return judge_.steps();
}

}  // namespace weather::gateway
