#include "bridge/guard.hpp"

#include <charconv>
#include <optional>

namespace weather::bridge {
namespace {

std::optional<std::int64_t> number(const Properties& settings, std::string_view name) {
  const auto it = settings.find(name);
  if (it == settings.end()) return std::nullopt;
  std::int64_t value = 0;
  const char* end = it->second.data() + it->second.size();
  const auto parsed = std::from_chars(it->second.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

std::string days(std::int64_t ms) {
  constexpr std::int64_t hour = 3'600'000;
  if (ms < 48 * hour) return std::to_string(ms / hour) + " h";
  return std::to_string(ms / (24 * hour)) + " days";
}

}  // namespace

std::vector<std::string> judge_topic(const std::string& topic, const Properties& settings,
                                     const BacklogFacts& facts) {
  std::vector<std::string> warnings;
  const auto type = settings.find("message.timestamp.type");
  const bool broker_time = type != settings.end() && type->second == "LogAppendTime";
  const auto retention = number(settings, "retention.ms");
  if (!broker_time && retention && *retention >= 0 && facts.oldest_age_ms > *retention)
    warnings.push_back("topic " + topic + " keeps records for " + days(*retention) +
                       " after their own time, and the oldest one waiting is " + days(facts.oldest_age_ms) +
                       " old: Kafka may delete it on arrival; raise retention.ms or set "
                       "message.timestamp.type=LogAppendTime");
  const auto before = number(settings, "message.timestamp.before.max.ms");
  if (!broker_time && before && facts.oldest_age_ms > *before)
    warnings.push_back("topic " + topic + " refuses records older than " + days(*before) +
                       ", and the oldest one waiting is " + days(facts.oldest_age_ms) +
                       " old: such records get the present time, their own stays in ce_time");
  const auto largest = number(settings, "max.message.bytes");
  if (largest && facts.largest_record_bytes > static_cast<std::size_t>(*largest))
    warnings.push_back("topic " + topic + " takes at most " + std::to_string(*largest) +
                       " bytes a record, and records here reach " +
                       std::to_string(facts.largest_record_bytes) + ": raise max.message.bytes");
  if (largest && *largest < facts.message_max_bytes)
    warnings.push_back("topic " + topic + " takes at most " + std::to_string(*largest) +
                       " bytes a batch, and batches here may reach " +
                       std::to_string(facts.message_max_bytes) +
                       ": set batch.size and message.max.bytes to at most that, or each refused batch is "
                       "sent again in halves");
  const auto replicas = number(settings, "min.insync.replicas");
  if (replicas && *replicas < 2)
    warnings.push_back(
        "topic " + topic +
        " has min.insync.replicas=1: one broken disk at the broker can lose confirmed records");
  return warnings;
}

}  // namespace weather::bridge
