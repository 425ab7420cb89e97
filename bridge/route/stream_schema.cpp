// Where a route that frames its values by Confluent's rule has the schema's number from: the cache on the
// card, else the registry, asked again and again. Other routes do not wait for it.
#include <utility>

#include "bridge/route/stream.hpp"
#include "sensors/reading/schema.hpp"

namespace weather::bridge {

// As Confluent's TopicNameStrategy has it; where the topic differs from record to record, its
// RecordNameStrategy.
std::string schema_subject(const RegistrySettings& registry, const RouteOptions& route) {
  if (!registry.subject.empty()) return registry.subject;
  return route.topic.find('{') == std::string::npos ? route.topic + "-value"
                                                    : std::string(sensors::reading_type_name);
}

std::pair<registry::SchemaType, std::string_view> schema_of(Format format) {
  if (format == Format::confluent_avro) return {registry::SchemaType::avro, sensors::reading_avro_schema()};
  if (format == Format::confluent_json) return {registry::SchemaType::json, sensors::value_json_schema()};
  return {registry::SchemaType::protobuf, sensors::reading_schema()};
}

registry::SchemaKey Stream::schema_key() const {
  const auto& registry = *context_.options.registry;
  const auto [type, text] = schema_of(options_.format);
  return {registry.ask.url, schema_subject(registry, options_), std::string(text), type,
          options_.schema_in_header};
}

void Stream::ask_schema(core::Epoch epoch) {
  if (!context_.options.registry)
    return on(core::event::SchemaMissing{
        epoch, "the number of the reading's schema is not known: set schema_registry.url or schema_id",
        true});
  const auto known = context_.schemas.known(schema_key());
  // Also when it is known: the registry may have been made anew and count differently now.
  context_.schemas.ask(
      schema_key(), [this, alive = alive_, known, epoch](const SchemaSource::Answer& answer) {
        if (!*alive) return;
        if (answer) return schema_learned(epoch, *answer, known);
        if (known) return;
        const std::string why =
            "the schema registry at " + context_.options.registry->ask.url + ": " + answer.error();
        note_error_text(why);
        on(core::event::SchemaMissing{epoch, why, false});
      });
  if (!known) return;
  encoder_.set_schema_id(*known);
  on(core::event::SchemaKnown{epoch});
}

void Stream::schema_learned(core::Epoch epoch, const registry::SchemaId& id,
                            const std::optional<registry::SchemaId>& known) {
  if (id == known) return;
  encoder_.set_schema_id(id);
  if (const auto stored = context_.schemas.keep(schema_key(), id); !stored)
    report(Notice::Level::warning,
           "the schema's number cannot be kept for times without the registry: " + stored.error().message());
  if (known)
    report(Notice::Level::warning, "the schema registry has another number for the reading's schema now: " +
                                       std::to_string(id.number) + ", no longer " +
                                       std::to_string(known->number));
  on(core::event::SchemaKnown{epoch});
}

}  // namespace weather::bridge
