#include "gateway/output/say.hpp"

#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "bridge/kafka/secrets.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

// %J: "<6>" and the like, sd-daemon(3).
class JournalLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& to) override {
    constexpr std::string_view prefixes[] = {"<7>", "<7>", "<6>", "<4>", "<3>", "<2>", "<7>"};
    const auto prefix = prefixes[message.level];
    to.append(prefix.data(), prefix.data() + prefix.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JournalLevel>(); }
};

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

class History {
 public:
  void add(Level level, std::string_view text) {
    constexpr std::size_t most = 20;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::lock_guard lock(mutex_);
    said_.push_back(
        {std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(), level, std::string(text)});
    if (said_.size() > most) said_.pop_front();
  }
  std::vector<Said> all() const {
    const std::lock_guard lock(mutex_);
    return {said_.begin(), said_.end()};
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Said> said_;
};

History& history() {
  static History instance;
  return instance;
}

std::shared_ptr<spdlog::logger> make_logger() {
  const bool plain = std::getenv("NO_COLOR") != nullptr || ::isatty(STDERR_FILENO) == 0;
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (plain)
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<JournalLevel>('J');
  if (std::getenv("JOURNAL_STREAM") != nullptr)
    formatter->set_pattern("%J%v");
  else if (::isatty(STDERR_FILENO) != 0)
    formatter->set_pattern("%H:%M:%S %^%-7l%$ %v");
  else
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v");
  sink->set_formatter(std::move(formatter));
  auto logger = std::make_shared<spdlog::logger>("weather-gateway", std::move(sink));
  logger->flush_on(spdlog::level::debug);
  return logger;
}

}  // namespace

void init_say(Level least) {
  auto logger = make_logger();
  logger->set_level(level_of(least));
  spdlog::set_default_logger(std::move(logger));
}

void set_say_level(Level least) {
  spdlog::default_logger_raw()->set_level(level_of(least));
}

bool says(Level level) {
  return spdlog::default_logger_raw()->should_log(level_of(level));
}

Level level_from(std::string_view name) {
  return name == "debug"     ? Level::debug
         : name == "info"    ? Level::info
         : name == "warning" ? Level::warning
                             : Level::error;
}

void say(Level level, std::string_view said) {
  // One line, also of foreign words, and no secret that an error quotes.
  const auto text = sensors::printable(bridge::without_secrets(said));
  spdlog::default_logger_raw()->log(level_of(level), spdlog::string_view_t(text.data(), text.size()));
  if (level != Level::debug) history().add(level, text);
}

std::vector<Said> last_said() {
  return history().all();
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

}  // namespace weather::gateway
