#include "gateway/app/explain.hpp"

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bridge/encode/encoder.hpp"
#include "gateway/app/app_options.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/app/redecode.hpp"
#include "gateway/config/routes.hpp"
#include "gateway/config/source_names.hpp"
#include "sensors/account.hpp"
#include "sensors/buses/nmea.hpp"
#include "sensors/http/push.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/quality/stage.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/render.hpp"
#include "sensors/reading/source_time.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

std::string quantity_line(const v1::Quantity& quantity) {
  std::string text = quantity.src_field().empty() ? std::string() : quantity.src_field() + " = ";
  if (!quantity.src_unit().empty())
    text += sensors::format_number(quantity.src_value()) + " " + quantity.src_unit() + " -> ";
  text += quantity.name() + " ";
  sensors::append_json_value(text, sensors::value_of(quantity));
  const auto unit =
      quantity.unit().empty() ? std::string(sensors::canonical_unit(quantity.name())) : quantity.unit();
  if (!unit.empty()) text += " " + unit;
  if (!quantity.part().empty()) text += ", part \"" + quantity.part() + "\"";
  return text;
}

std::string_view time_text(v1::TimeSource source) {
  switch (source) {
    case v1::TIME_SENSOR:
      return "of the sensor";
    case v1::TIME_RECEIVER:
      return "of the receiver";
    default:
      return "";
  }
}

// What a decoder made of it, for formats that have no rules to show.
std::string reading_text(const sensors::Reading& reading) {
  std::string text = "  sensor " + reading.sensor_id() + "\n";
  const auto event_ns = static_cast<std::int64_t>(reading.event_time_ns());
  text += event_ns == 0 ? "  event time: arrival, because it brings none that is an instant\n"
                        : "  event time: " + sensors::format_time(event_ns / 1'000'000 * 1'000'000) + ", " +
                              std::string(time_text(reading.time_source())) + "\n";
  for (const auto& quantity : reading.quantities()) text += "  " + quantity_line(quantity) + "\n";
  if (!reading.extra_json().empty()) text += "  kept as it is, no quantity: " + reading.extra_json() + "\n";
  return text;
}

// Which checks a value failed, in words.
std::string why_flagged(const v1::Quantity& quantity) {
  constexpr std::pair<v1::QcFlag, std::string_view> names[] = {
      {v1::QC_RANGE, "out of range"},
      {v1::QC_STEP, "a step"},
      {v1::QC_PERSISTENCE, "stuck"},
      {v1::QC_CONSISTENCY, "contradicts another value"},
      {v1::QC_SENTINEL, "a number that means no sensor"},
      {v1::QC_COUNTER_RESET, "the counter was reset"},
      {v1::QC_UNIT_SUSPECT, "its unit is doubtful"}};
  std::string out;
  for (const auto& [flag, text] : names)
    if ((quantity.qc() & flag) != 0) out += (out.empty() ? "" : ", ") + std::string(text);
  if (out.empty())
    out = quantity.quality() == v1::QUALITY_MISSING ? "the source had no value" : "the source says so";
  return out;
}

std::string_view quality_word(v1::Quality quality) {
  return quality == v1::QUALITY_MISSING     ? "missing"
         : quality == v1::QUALITY_ERRONEOUS ? "erroneous"
                                            : "doubtful";
}

// The elements of a JSON array, in order.
class List {
 public:
  void add(sensors::JsonMembers members) { text_ += (text_.empty() ? "" : ",") + members.take(); }
  std::string json() const { return "[" + text_ + "]"; }

 private:
  std::string text_;
};

sensors::Decoder nmea_decoder(sensors::NmeaOptions options) {
  return [options](const sensors::Message& message) { return sensors::decode_nmea(message, options); };
}

class Explainer {
 public:
  Explainer(const Config& config, const Sample& sample) : config_(config), sample_(sample) {
    message_.topic = sample.topic;
    message_.payload = sample.payload;
    message_.received_ns = sample.now_ns;
    for (const auto& route : route_options(config))
      routes_.push_back({route, std::make_unique<bridge::Encoder>(route, sample.gateway_id, no_log)});
  }

  tl::expected<void, std::string> source(const std::string& title, const std::string& name,
                                         const std::string& format,
                                         const std::map<std::string, std::string>& units = {},
                                         const sensors::DecoderSettings& settings = {}) {
    std::optional<sensors::Mapper> mapper;
    if (format == "mapping" && !config_.mapping.empty())
      mapper.emplace(config_.mapping);
    else if (auto preset = sensors::preset_mapper(format))
      mapper = std::move(preset);
    tl::expected<sensors::Decoder, std::string> decoder =
        format == "nmea" ? nmea_decoder({}) : make_registry(config_, nullptr).make(format, settings);
    if (!decoder) return tl::unexpected(decoder.error());
    text_ += title + ", format " + format + "\n";
    const auto assumed = assumed_units(units).value_or(sensors::AssumedUnits{});
    message_.units = &assumed;
    if (mapper) text_ += mapper->explain(message_);
    message_.source = name;
    outcome(title, format, *decoder, !mapper);
    message_.units = nullptr;
    return {};
  }

  void over_serial(const NmeaConfig& nmea) {
    text_ += "serial line " + nmea.device + ", format nmea\n";
    message_.source = nmea.name;
    outcome("serial line " + nmea.device, "nmea", nmea_decoder({nmea.fixed_mast}), true);
  }

  void over_http(const std::string& listen, const std::string& name) {
    text_ += "HTTP listener " + listen + "\n";
    if (const auto decoder = decoder_of_source(config_, name, message_.topic))
      outcome("HTTP listener " + listen, "of the path", *decoder, true);
  }

  // Says so if no source takes it.
  void untaken() {
    if (!text_.empty()) return;
    text_ = "no source subscribes to topic \"" + sensors::to_utf8(message_.topic) + "\"; there are:\n";
    for (const auto& mqtt : config_.mqtt)
      for (const auto& filter : mqtt.topics) text_ += "  " + filter + " at " + mqtt.url + "\n";
    for (const auto& listener : config_.listener)
      for (const auto& filter : listener.topics)
        text_ += "  " + filter + " at our own listener " + listener.listen + "\n";
  }

  Explanation take() {
    sensors::JsonMembers out;
    out.add("schema_version", std::int64_t{1});
    out.add("good", good_);
    out.add("topic", message_.topic);
    out.add_json("sources", sources_.json());
    out.add_json("records", records_.json());
    out.add_json("read", read_.json());
    out.add_json("kept", kept_.json());
    out.add_json("dropped", dropped_.json());
    out.add_json("flagged", flagged_.json());
    return {good_, std::move(text_), out.take()};
  }

 private:
  struct Route {
    bridge::RouteOptions options;
    std::unique_ptr<bridge::Encoder> encoder;
  };
  static constexpr std::string_view no_log = "0000000000000000";  // the id of the log is not known yet

  void outcome(const std::string& title, const std::string& format, const sensors::Decoder& decode,
               bool show_readings) {
    sensors::Account account;
    message_.account = &account;
    auto readings = decode(message_);
    message_.account = nullptr;
    sensors::JsonMembers source;
    source.add("source", std::string_view(title));
    source.add("format", std::string_view(format));
    if (!readings) {
      source.add("outcome", std::string_view("refused"));
      source.add("reason", std::string_view(readings.error().reason));
      source.add("text", std::string_view(readings.error().text));
      sources_.add(std::move(source));
      if (show_readings)
        text_ += "  no reading (" + readings.error().reason + "): " + readings.error().text +
                 ". The payload is kept raw among the dead letters\n";
      return;
    }
    const bool passed = readings->empty();
    source.add("outcome", std::string_view(passed ? "passed_over" : "readings"));
    source.add("reason", std::string_view(passed ? "passed_over" : ""));
    source.add("text", std::string_view(passed ? "it says nothing of the weather: counted, not kept" : ""));
    sources_.add(std::move(source));
    if (passed && show_readings) text_ += "  no reading: it says nothing of the weather\n";
    if (!passed) fields(account, show_readings);
    sensors::Stage stage(stage_options(config_));
    for (auto& reading : *readings) {
      if (show_readings) text_ += reading_text(reading);
      stamp(reading);
      stage.apply(reading, sample_.now_ns);
      flags(reading);
      for (auto& route : routes_) record(route, reading);
      good_ = true;
    }
  }

  // What became of the fields; quantities and kept members are listed with their reading already.
  void fields(const sensors::Account& account, bool show_readings) {
    for (const auto& leaf : account.leaves) {
      using sensors::Became;
      sensors::JsonMembers entry;
      entry.add("field", std::string_view(leaf.path));
      entry.add("became", std::string_view(became_text(leaf.became)));
      entry.add("what", std::string_view(leaf.what));
      auto& list = leaf.became == Became::kept                                     ? kept_
                   : leaf.became == Became::dropped || leaf.became == Became::same ? dropped_
                                                                                   : read_;
      list.add(std::move(entry));
      if (!show_readings || leaf.became == Became::quantity || leaf.became == Became::kept) continue;
      text_ += "  " + leaf.path + " -> " + became_text(leaf.became) +
               (leaf.what.empty() ? "" : ": " + leaf.what) + "\n";
    }
  }

  // As ingest does.
  void stamp(sensors::Reading& reading) const {
    reading.set_gateway_id(sample_.gateway_id);
    reading.set_received_time_ns(static_cast<std::uint64_t>(sample_.now_ns));
    if (reading.event_time_ns() == 0) {
      reading.set_event_time_ns(reading.received_time_ns());
      reading.set_time_source(v1::TIME_GATEWAY);
      return;
    }
    auto times = sensors::times_of(reading);
    if (!sensors::replace_unbelievable_time(times, time_limits(config_.clock)).empty())
      sensors::set_times(reading, times);
  }

  void flags(const sensors::Reading& reading) {
    for (const auto& quantity : reading.quantities()) {
      if (quantity.quality() <= v1::QUALITY_GOOD) continue;
      const auto why = why_flagged(quantity);
      text_ += "  quality: " + quantity.name() + " is " +
               (quantity.quality() == v1::QUALITY_MISSING ? "missing" : why) + "\n";
      sensors::JsonMembers entry;
      entry.add("key", std::string_view(reading.sensor_id()));
      entry.add("member", std::string_view(sensors::member_name(quantity)));
      entry.add("quality", quality_word(quantity.quality()));
      entry.add("why", std::string_view(why));
      flagged_.add(std::move(entry));
    }
  }

  void record(Route& route, const sensors::Reading& reading) {
    const auto bytes = reading.SerializeAsString();
    log::Entry entry;
    entry.sequence = 1;
    entry.time_ns = sample_.now_ns;
    entry.payload = std::as_bytes(std::span(bytes));
    const auto encoded = route.encoder->encode(entry, {sample_.now_ns});
    if (encoded.kind != bridge::Encoded::Kind::send) return;
    const auto& record = encoded.record;
    const bool json =
        route.options.layout == bridge::Layout::envelope || route.options.format == bridge::Format::json;
    const auto value = json ? std::string(record.value) : sensors::base64(record.value);
    text_ += "  Kafka gets: key " + std::string(record.key) + ", value " + value + "\n";
    sensors::JsonMembers headers, out;
    for (const auto& header : record.headers) headers.add(header.name, header.value);
    out.add("route", std::string_view(route.options.name));
    out.add("topic", record.topic);
    out.add("key", record.key);
    if (json)
      out.add_json("value", value);
    else
      out.add("value", std::string_view(value));
    out.add("timestamp", std::string_view(sensors::format_time(record.timestamp_ms * 1'000'000)));
    out.add_json("headers", headers.take());
    records_.add(std::move(out));
  }

  const Config& config_;
  const Sample& sample_;
  sensors::Message message_;
  std::vector<Route> routes_;
  bool good_ = false;
  std::string text_;
  List sources_, records_, read_, kept_, dropped_, flagged_;
};

}  // namespace

tl::expected<Explanation, std::string> explain_sample(const Config& config, const Sample& sample) {
  Explainer explainer(config, sample);
  const auto& topic = sample.topic;
  if (!sample.format.empty()) {
    if (auto done = explainer.source("sample", "check", sample.format); !done)
      return tl::unexpected(done.error());
    return explainer.take();
  }
  for_each_reader(config, [&](const SourceKind& kind, std::size_t index, const Reads& reads) {
    if (!reads.format.empty() && takes_topic(reads, topic))
      (void)explainer.source(reads.title, source_name(config, std::string(kind.section), index), reads.format,
                             reads.units, {reads.table.begin(), reads.table.end()});
  });
  for (const auto& nmea : config.nmea)
    if (nmea.device == topic) explainer.over_serial(nmea);
  if (!config.http.empty() && sensors::find_push_route(topic).route != sensors::PushRoute::unknown) {
    explainer.over_http(config.http.front().listen, source_name(config, "http", 0));
  }
  explainer.untaken();
  return explainer.take();
}

}  // namespace weather::gateway
