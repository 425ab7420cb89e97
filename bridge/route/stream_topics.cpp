// What the topics say of themselves: asked for with the first record of each.
#include <algorithm>
#include <cstdlib>

#include "bridge/core/topic_limits.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/log/nanoseconds.hpp"
#include "bridge/route/stream.hpp"

namespace weather::bridge {

// All topics seen so far; false if there is none yet.
bool Stream::ask_topics() {
  for (const auto& [topic, reported] : topics_) ask_topic(topic);
  return !topics_.empty();
}

void Stream::ask_topic(const std::string& topic) {
  questions_.asked(topic);
  producer_->describe_topic(topic);
}

void Stream::ask_open_topics() {
  for (const auto& topic : questions_.open()) producer_->describe_topic(topic);
}

// The topic may not exist yet, or its broker is being elected.
void Stream::ask_topics_later() {
  if (questions_.open().empty() || ask_timer_.is_set()) return;
  ask_timer_.set(ask_wait_.next(context_.scheduler.random()), [this] {
    if (producer_ && !stopping()) ask_open_topics();
  });
}

void Stream::on_no_topic_settings(int code) {
  questions_.failed(code);
  ask_topics_later();
}

void Stream::on_topic_settings(const std::string& topic, int code, const Properties& settings) {
  questions_.answered(topic, code);
  ask_topics_later();
  if (code == 0) {
    ask_wait_.reset();
    time_guard_.learn(topic, time_limits(settings));
    Reported& reported = topics_[topic];
    reported.settings = settings;
    reported.oldest_age_ms = 0;
    judge(topic, reported);
  }
  on(core::event::LimitsReported{});
}

// A record is older than its topic takes or keeps: reported once, and again if the settings are read again.
void Stream::warn_of_age(std::string_view topic, std::int64_t age_ns) {
  const auto it = topics_.find(topic);
  if (it == topics_.end() || it->second.settings.empty() || it->second.oldest_age_ms != 0) return;
  it->second.oldest_age_ms = std::max<std::int64_t>(1, age_ns / log::ns_per_ms);
  judge(it->first, it->second);
}

void Stream::judge(const std::string& topic, Reported& reported) {
  BacklogFacts facts;
  facts.oldest_age_ms = reported.oldest_age_ms;
  facts.largest_record_bytes = largest_record_bytes_;
  if (const auto it = properties_.find("batch.size"); it != properties_.end())
    facts.message_max_bytes = std::atoll(it->second.c_str());
  auto warnings = judge_topic(topic, reported.settings, facts, context_.options.backlog);
  for (const auto& warning : warnings)
    if (std::find(reported.warnings.begin(), reported.warnings.end(), warning) == reported.warnings.end())
      report(Notice::Level::warning, warning);
  reported.warnings = std::move(warnings);
}

void Stream::on_topics_looked_at(bool answered, const TopicTroubles& troubles) {
  const auto found = std::find_if(troubles.begin(), troubles.end(), [](const auto& trouble) {
    return classify(trouble.second) == ErrorClass::blocked;
  });
  if (found == troubles.end()) return on(core::event::TopicsLookedAt{answered, {}, 0});
  on(core::event::TopicsLookedAt{answered, found->first, found->second});
}

}  // namespace weather::bridge
