#include "bridge/core/topic_limits.hpp"

#include <chrono>
#include <optional>

#include "bridge/options/duration_text.hpp"

namespace weather::bridge {
namespace {

// Kafka's "no limit" is the largest number; -1 keeps for ever.
std::optional<std::int64_t> limit(const Properties& settings, std::string_view name) {
  const auto value = number(settings, name);
  return value && *value >= 0 && *value <= INT64_MAX / 1'000'000 ? value : std::nullopt;
}

std::string what_then(RefusedTime refused) {
  switch (refused) {
    case RefusedTime::ingest_time:
      return "such records get the present time, their own stays in ce_time";
    case RefusedTime::dead_letter:
      return "such records become dead letters";
    case RefusedTime::hold:
      break;
  }
  return "such records are held until the limit is raised";
}

std::string what_then(PastRetention past) {
  switch (past) {
    case PastRetention::send:
      return "Kafka may delete it on arrival; raise retention.ms, set message.timestamp.type=LogAppendTime, "
             "or "
             "choose backlog.past_retention";
    case PastRetention::ingest_time:
      return "such records get the present time, their own stays in ce_time";
    case PastRetention::hold:
      break;
  }
  return "such records are held until retention.ms is raised";
}

}  // namespace

TimeLimits time_limits(const Properties& settings) {
  const auto type = settings.find("message.timestamp.type");
  if (type != settings.end() && type->second == "LogAppendTime") return {};
  TimeLimits limits{limit(settings, "message.timestamp.before.max.ms"),
                    limit(settings, "message.timestamp.after.max.ms"), std::nullopt};
  const auto policy = settings.find("cleanup.policy");
  if (policy == settings.end() || policy->second.find("delete") != std::string::npos)
    limits.retention_ms = limit(settings, "retention.ms");
  return limits;
}

std::vector<std::string> judge_topic(const std::string& topic, const Properties& settings,
                                     const BacklogFacts& facts, const BacklogOptions& backlog) {
  std::vector<std::string> warnings;
  const TimeLimits limits = time_limits(settings);
  const auto beyond = [&facts](const std::optional<std::int64_t>& limit) {
    return limit && facts.oldest_age_ms > *limit;
  };
  const std::string oldest =
      "one waiting is " + rough_duration(std::chrono::milliseconds(facts.oldest_age_ms)) + " old: ";
  if (beyond(limits.retention_ms))
    warnings.push_back("topic " + topic + " keeps records for " +
                       rough_duration(std::chrono::milliseconds(*limits.retention_ms)) +
                       " after their own time, and " + oldest + what_then(backlog.past_retention));
  if (beyond(limits.before_max_ms))
    warnings.push_back("topic " + topic + " refuses records older than " +
                       rough_duration(std::chrono::milliseconds(*limits.before_max_ms)) + ", and " + oldest +
                       what_then(backlog.refused_time));
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
