#include "bridge/encode/encoder.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <vector>

#include "bridge/encode/clock_table.hpp"
#include "bridge/encode/protobuf_value.hpp"
#include "bridge/encode/reading_match.hpp"
#include "bridge/encode/relay_encoder.hpp"
#include "bridge/encode/schema_frame.hpp"
#include "bridge/encode/topic_template.hpp"
#include "bridge/log/identity.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/nanoseconds.hpp"
#include "sensors/reading/avro.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/reading/render.hpp"
#include "sensors/reading/time.hpp"
#include "sensors/reading/view.hpp"

namespace weather::bridge {
namespace {

// Field definitions 4.5: a record is backfill when it is sent this long after it was stored.
constexpr std::int64_t backfill_after_ns = 60'000'000'000;
constexpr std::string_view unit_header = "unit";
constexpr const char* source_prefix = "/weather-gateway/";

template <class Parsed>
auto value_or_throw(std::string_view what, tl::expected<Parsed, std::string> parsed) {
  if (!parsed) throw std::runtime_error(std::string(what) + ": " + parsed.error());
  return std::move(*parsed);
}

std::string_view time_quality(v1::ClockQuality quality) {
  switch (quality) {
    case v1::CLOCK_SYNCHRONISED:
      return "synchronised";
    case v1::CLOCK_UNSYNCHRONISED:
      return "unsynchronised";
    case v1::CLOCK_CORRECTED:
      return "corrected";
    case v1::CLOCK_ESTIMATED:
      return "estimated";
    default:
      return {};
  }
}

bool ours(std::string_view name) {
  return name.substr(0, 3) == "ce_" || name == schema_header_name || name == "content-type" ||
         name == "traceparent" || name == "tracestate";
}

// Into memory that is there already.
void set_time(std::string& text, std::int64_t unix_ns) {
  text.clear();
  sensors::append_time(text, unix_ns);
}

// What the gateway's own clock says is worth a millisecond; more digits are noise that no compression takes
// away.
std::int64_t own_clock(std::int64_t unix_ns) {
  return unix_ns - unix_ns % log::ns_per_ms;
}

}  // namespace

struct Encoder::Impl {
  RouteOptions route;
  Template topic_template, key_template;
  ReadingMatch match;
  std::string gateway_id, log_id, ce_source, reading_type, loss_type;
  registry::SchemaId schema_id;
  std::string schema_header;                // its GUID, as Confluent's clients write it
  std::string other_gateway, other_source;  // of a relayed record: whose it is
  std::shared_ptr<const ClockTable> clock;
  sensors::RenderOptions render;

  // Reused by every record.
  sensors::ReadingView reading;
  v1::Reading message;  // what is sent where the format is Protobuf
  std::string topic, key, value, rendered, id, ce_time, recorded_time, source_time;
  std::vector<HeaderView> headers;
  std::vector<HeaderView> own_headers;

  Impl(const RouteOptions& options, std::string_view gateway, std::string_view log)
      : route(options),
        topic_template(
            value_or_throw("topic \"" + options.topic + "\"", Template::parse_topic(options.topic))),
        key_template(value_or_throw("key \"" + options.key + "\"", Template::parse(options.key))),
        match(options.match),
        gateway_id(gateway),
        log_id(log),
        ce_source(source_prefix + std::string(gateway)),
        reading_type(options.event_type + ".reading.v1"),
        loss_type(options.event_type + ".loss.v1"),
        schema_id{options.schema_id},
        render{options.units, options.aliases, options.status_members} {}

  Encoded encode_reading(const log::Entry& entry, std::span<const std::byte> payload, const Sending& sending);
  Encoded encode_loss(const log::Entry& entry, std::span<const std::byte> payload, const Sending& sending);
  void loss_as_reading(const log::Loss& loss, std::int64_t event_ns);
  void set_own_id(log::Sequence sequence);
  void set_gateway(const std::string& gateway);
  const std::string& gateway() const { return other_gateway.empty() ? gateway_id : other_gateway; }
  void gather_event_headers();
  void add_constant_headers();
  void add(std::string_view name, std::string_view text) {
    if (!text.empty() && !omitted(name)) headers.push_back({name, text});
  }
  bool omitted(std::string_view name) const {
    return !route.omit_headers.empty() &&
           std::find(route.omit_headers.begin(), route.omit_headers.end(), name) != route.omit_headers.end();
  }
  bool parse_message(std::span<const std::byte> payload) {
    return message.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
  }
  bool json() const { return route.layout == Layout::envelope || is_json(route.format); }
  void add_cloud_event(std::string_view type, std::string_view subject, const log::Entry& entry,
                       std::int64_t time_ns, const Sending& sending);
  void begin_value();
  void write_value();
  void write_envelope();
  Encoded finish(std::int64_t event_ns, const Sending& sending);
};

void Encoder::Impl::set_own_id(log::Sequence sequence) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, sequence).ptr;
  id.assign(log_id).append(1, '-').append(digits, end);
}

// Whose the record is; empty: ours.
void Encoder::Impl::set_gateway(const std::string& gateway) {
  if (gateway == other_gateway) return;
  other_gateway = gateway;
  other_source = source_prefix + gateway;
}

// What the event itself brought, by name; the names that carry identity are ours alone, and what unit the
// values are in now is the route's to say once it has converted them.
void Encoder::Impl::gather_event_headers() {
  own_headers.clear();
  for (const auto& [name, text] : reading.headers)
    if (!ours(name) && !(name == unit_header && render.units == sensors::UnitSystem::imperial))
      own_headers.push_back({name, text});
  std::sort(own_headers.begin(), own_headers.end(),
            [](const HeaderView& a, const HeaderView& b) { return a.name < b.name; });
}

// The configured ones in their order, an event's own of the same name in its place, then its others.
void Encoder::Impl::add_constant_headers() {
  for (const auto& [name, text] : route.headers) {
    const auto own = std::find_if(own_headers.begin(), own_headers.end(),
                                  [&name = name](const HeaderView& h) { return h.name == name; });
    if (own == own_headers.end()) {
      headers.push_back({name, text});
    } else {
      headers.push_back(*own);
      own_headers.erase(own);
    }
  }
  headers.insert(headers.end(), own_headers.begin(), own_headers.end());
}

void Encoder::Impl::add_cloud_event(std::string_view type, std::string_view subject, const log::Entry& entry,
                                    std::int64_t time_ns, const Sending& sending) {
  set_time(ce_time, time_ns);
  add("content-type", json()                                   ? "application/json"
                      : route.format == Format::confluent_avro ? "application/avro"
                                                               : "application/protobuf");
  if (!schema_header.empty()) headers.push_back({schema_header_name, schema_header});
  // Those that are the same in each record stand together: a compressor takes them as one.
  add("ce_specversion", "1.0");
  add("ce_source", other_gateway.empty() ? ce_source : other_source);
  add("ce_type", type);
  add("ce_subject", subject);
  add("ce_id", id);
  add("ce_time", ce_time);
  if (entry.time_ns > 0 && sending.now_ns - entry.time_ns > backfill_after_ns) add("ce_backfill", "1");
  if (sending.replay) add("ce_replay", "1");
}

void Encoder::Impl::write_envelope() {
  value = "{\"key\":";
  sensors::append_json_string(value, key);
  value.append(",\"value\":").append(rendered).append(",\"timestamp\":");
  sensors::append_json_string(value, ce_time);
  value += ",\"headers\":{";
  bool first = true;
  for (const auto& header : headers) {
    if (ours(header.name)) break;  // the constant ones come first
    if (!first) value += ',';
    first = false;
    sensors::append_json_string(value, header.name);
    value += ':';
    sensors::append_json_string(value, header.value);
  }
  value += "}}";
}

void Encoder::Impl::begin_value() {
  value.clear();
  if (has_schema(route.format) && schema_header.empty())
    append_schema_number(value, route.format, schema_id.number);
}

void Encoder::Impl::write_value() {
  if (route.layout == Layout::envelope) {
    rendered.clear();
    sensors::append_value_json(rendered, reading, render);
    write_envelope();
    return;
  }
  begin_value();
  if (is_json(route.format)) {
    sensors::append_value_json(value, reading, render);
    return;
  }
  set_identity(message, id, gateway());
  if (route.format == Format::confluent_avro) return sensors::append_avro(value, message, id);
  clear_internal(message);
  message.AppendToString(&value);
}

Encoded Encoder::Impl::finish(std::int64_t event_ns, const Sending& sending) {
  Encoded result;
  result.kind = Encoded::Kind::send;
  result.event_ns = event_ns;
  result.id = id;
  result.record.topic = sending.topic.empty() ? std::string_view(topic) : sending.topic;
  result.record.key = key;
  result.record.value = value;
  result.record.timestamp_ms = event_ns / log::ns_per_ms;
  result.record.headers = headers;
  result.record.bytes = key.size() + value.size();
  for (const auto& header : headers) result.record.bytes += header.name.size() + header.value.size();
  return result;
}

Encoded Encoder::Impl::encode_reading(const log::Entry& entry, std::span<const std::byte> payload,
                                      const Sending& sending) {
  Encoded refused;
  refused.kind = Encoded::Kind::refuse;
  refused.id = id;
  if (!sensors::read(payload, reading) || (!json() && !parse_message(payload))) {
    if (!route.keeps_undecodable) return {};
    refused.reason = "not_a_reading";
    refused.text = "the stored record is not a weather.v1.Reading";
    return refused;
  }
  if (reading.exchange >= v1::EXCHANGE_RELEASED) return {};  // the listener's own notes
  if ((reading.flags & v1::FLAG_PARSE_PARTIAL) != 0 &&
      (!reading.error.empty() || reading.quantities.empty())) {
    if (!route.keeps_undecodable) return {};
    refused.reason = "undecodable";
    refused.text = reading.error.empty() ? "the payload could not be decoded" : std::string(reading.error);
    return refused;
  }
  auto& times = reading.times;
  log::Entry reported = entry;
  if (clock && restamp(times, entry.type == log::Type::imported ? 0 : entry.sequence, *clock)) {
    reported.time_ns = times.received_ns;
    if (!json()) set_times(message, times);
  }
  const std::int64_t event_ns = event_ns_of(times, entry);

  if (reading.summary_s != 0) id.append(1, '/').append(std::to_string(reading.summary_s)).append(1, 's');

  const TemplateFields fields = fields_of(reading);
  if (!match.fits(reading, fields)) return {};
  topic_template.topic(fields, topic);
  key_template.plain(fields, key);
  headers.clear();
  gather_event_headers();
  add_constant_headers();
  const bool own_time = times.event_ns == 0 || times.event_ns == times.received_ns;
  add_cloud_event(reading_type, reading.sensor_id, reported, own_time ? own_clock(event_ns) : event_ns,
                  sending);
  if (times.received_ns != 0 && times.received_ns != event_ns) {
    set_time(recorded_time, own_clock(times.received_ns));
    add("ce_recordedtime", recorded_time);
  }
  if (times.sensor_said_ns != 0) {
    set_time(source_time, times.sensor_said_ns);
    add("ce_sourcetime", source_time);
  }
  add("ce_timequality", time_quality(times.clock_quality));
  add("traceparent", reading.traceparent);
  add("tracestate", reading.tracestate);
  write_value();
  return finish(event_ns, sending);
}

// In Protobuf a loss is a reading of the gateway itself: its topic must hold what its readers can read.
void Encoder::Impl::loss_as_reading(const log::Loss& loss, std::int64_t event_ns) {
  message.Clear();
  message.set_sensor_id(gateway());
  message.set_event_time_ns(static_cast<std::uint64_t>(event_ns));
  message.set_time_source(v1::TIME_GATEWAY);
  auto* lost = message.add_quantities();
  lost->set_name("lost_records");
  lost->set_integer(static_cast<std::int64_t>(loss.records));
  message.set_extra_json(rendered);
}

// A loss is an event of the gateway itself: readers of the topic see the gap explained.
Encoded Encoder::Impl::encode_loss(const log::Entry& entry, std::span<const std::byte> payload,
                                   const Sending& sending) {
  const auto loss = log::decode_loss(payload);
  if (!loss) {
    Encoded refused;
    refused.kind = Encoded::Kind::refuse;
    refused.id = id;
    refused.reason = "not_a_loss";
    refused.text = "the stored loss record cannot be read";
    return refused;
  }
  const TemplateFields fields{gateway(), gateway(), "gateway", "loss"};
  topic_template.topic(fields, topic);
  key = gateway();
  headers.clear();
  own_headers.clear();
  add_constant_headers();
  const std::int64_t event_ns = loss->noticed_ns != 0 ? loss->noticed_ns : entry.time_ns;
  add_cloud_event(loss_type, gateway(), entry, own_clock(event_ns), sending);
  rendered = log::to_json(*loss);
  if (route.layout == Layout::envelope) {
    write_envelope();
  } else if (json()) {
    begin_value();
    value += rendered;
  } else {
    loss_as_reading(*loss, event_ns);
    write_value();
  }
  Encoded result = finish(event_ns, sending);
  // One of another log has lost nothing here.
  result.lost_records = entry.type == log::Type::loss && loss->first != 0 ? loss->records : 0;
  return result;
}

Encoder::Encoder(const RouteOptions& route, std::string_view gateway_id, std::string_view log_id) {
  if (route.relay)
    relay_ = std::make_unique<RelayEncoder>(route, gateway_id, log_id);
  else
    impl_ = std::make_unique<Impl>(route, gateway_id, log_id);
}
Encoder::~Encoder() = default;

void Encoder::set_schema_id(const registry::SchemaId& schema_id) {
  if (!impl_) return;
  impl_->schema_id = schema_id;
  impl_->schema_header.clear();
  if (impl_->route.schema_in_header)
    impl_->schema_header = schema_header(impl_->route.format, schema_id.guid);
}

void Encoder::set_clock(std::shared_ptr<const ClockTable> clock) {
  if (relay_) return relay_->set_clock(std::move(clock));
  impl_->clock = std::move(clock);
}

bool Encoder::needs_schema() const {
  return impl_ && impl_->route.layout == Layout::record && has_schema(impl_->route.format) &&
         impl_->schema_id.number == 0;
}

Encoded Encoder::encode(const log::Entry& entry, const Sending& sending) {
  if (relay_) return relay_->encode(entry, sending);
  if (entry.type == log::Type::reading) {  // nearly all: its identity is put together in place
    impl_->set_own_id(entry.sequence);
    impl_->set_gateway({});
    return impl_->encode_reading(entry, entry.payload, sending);
  }
  log::Identified identified = log::identify(entry, impl_->log_id);
  impl_->id = std::move(identified.id);
  impl_->set_gateway(identified.gateway);
  switch (identified.type) {
    case log::Type::reading:
      return impl_->encode_reading(entry, identified.payload, sending);
    case log::Type::loss:
      return impl_->encode_loss(entry, identified.payload, sending);
    default:
      return {};
  }
}

}  // namespace weather::bridge
