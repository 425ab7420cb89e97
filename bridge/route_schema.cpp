// Where a route that frames its values by Confluent's rule has the schema's number from: the cache on the
// card, else the registry, asked again and again. Other routes do not wait for it.
#include <utility>

#include "bridge/route.hpp"
#include "sensors/reading/schema.hpp"

namespace weather::bridge {

// As Confluent's TopicNameStrategy has it; where the topic differs from record to record, its
// RecordNameStrategy.
std::string schema_subject(const RegistrySettings& registry, const RouteOptions& route) {
  if (!registry.subject.empty()) return registry.subject;
  return route.topic.find('{') == std::string::npos ? route.topic + "-value"
                                                    : std::string(sensors::reading_type_name);
}

registry::SchemaKey Route::schema_key() const {
  const auto& registry = *context_.options.registry;
  return {registry.ask.url, schema_subject(registry, options_), std::string(sensors::reading_schema())};
}

// True: the number is known and records can go.
bool Route::know_schema() {
  if (!context_.options.registry) {
    tell_blocked("the number of the reading's schema is not known: set schema_registry.url or schema_id");
    wait(std::chrono::minutes(5));
    return false;
  }
  const auto known = context_.schemas.known(schema_key());
  if (known) encoder_.set_schema_id(*known);
  if (!known) phase_ = Phase::asking;
  const std::uint64_t question = ++schema_question_;
  // Also when it is known: the registry may have been made anew and count differently now.
  context_.schemas.ask(schema_key(),
                       [this, alive = alive_, known, question](const SchemaSource::Answer& answer) {
                         if (!*alive) return;
                         if (answer) return schema_learned(question, *answer, known);
                         if (!known) schema_missing(question, answer.error());
                       });
  return known.has_value();
}

void Route::schema_learned(std::uint64_t question, std::int32_t id, std::optional<std::int32_t> known) {
  schema_wait_.reset();
  if (id == known) return;
  encoder_.set_schema_id(id);
  if (const auto stored = context_.schemas.keep(schema_key(), id); !stored)
    tell(Notice::Level::warning,
         "the schema's number cannot be kept for times without the registry: " + stored.error().message());
  if (known) {
    tell(Notice::Level::warning, "the schema registry has another number for the reading's schema now: " +
                                     std::to_string(id) + ", no longer " + std::to_string(*known));
  } else if (phase_ == Phase::asking && question == schema_question_ && !stopping_) {
    run();
  }
}

void Route::schema_missing(std::uint64_t question, const std::string& why) {
  if (phase_ != Phase::asking || question != schema_question_) return;
  last_error_ = "the schema registry at " + context_.options.registry->ask.url + ": " + why;
  last_error_ns_ = context_.clock.wall_ns();
  if (stopping_) return;
  tell_blocked(last_error_);
  wait(schema_wait_.next(context_.scheduler.random()));
}

}  // namespace weather::bridge
