#include "gateway/app/explain.hpp"

#include <optional>
#include <vector>

#include "gateway/app/app_options.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/app/redecode.hpp"
#include "sensors/http/push.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/quality/stage.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/render.hpp"
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
                        : "  event time: " + sensors::format_time(event_ns) + ", " +
                              std::string(time_text(reading.time_source())) + "\n";
  for (const auto& quantity : reading.quantities()) text += "  " + quantity_line(quantity) + "\n";
  if (!reading.extra_json().empty()) text += "  kept as it is, no quantity: " + reading.extra_json() + "\n";
  return text;
}

std::string quality_text(const sensors::Reading& reading) {
  std::string text;
  for (const auto& quantity : reading.quantities())
    if (quantity.quality() == v1::QUALITY_ERRONEOUS || quantity.quality() == v1::QUALITY_MISSING)
      text += "  quality: " + quantity.name() +
              (quantity.quality() == v1::QUALITY_MISSING ? " is missing" : " is out of range") + "\n";
  return text;
}

class Explainer {
 public:
  Explainer(const Config& config, std::string_view topic, std::string_view payload) : config_(config) {
    message_.topic = topic;
    message_.payload = payload;
  }

  void source(const std::string& title, const std::string& name, const std::string& format) {
    result_.text += title + ", format " + format + "\n";
    std::optional<sensors::Mapper> mapper;
    if (format == "mapping")
      mapper.emplace(config_.mapping);
    else if (auto preset = sensors::preset_mapper(format))
      mapper = std::move(preset);
    if (mapper) result_.text += mapper->explain(message_);
    message_.source = name;
    const auto decoder = make_registry(config_).make(format);
    if (decoder) outcome(*decoder, !mapper);
  }

  void over_http(const std::string& listen, const std::string& name) {
    result_.text += "HTTP listener " + listen + "\n";
    if (const auto decoder = decoder_of_source(config_, name, message_.topic)) outcome(*decoder, true);
  }

  // Says so if nobody wanted it.
  void nobody() {
    if (!result_.text.empty()) return;
    result_.text = "no source subscribes to topic \"" + sensors::to_utf8(message_.topic) + "\"; there are:\n";
    for (const auto& mqtt : config_.mqtt)
      for (const auto& filter : mqtt.topics) result_.text += "  " + filter + " at " + mqtt.url + "\n";
    for (const auto& listener : config_.listener)
      for (const auto& filter : listener.topics)
        result_.text += "  " + filter + " at our own listener " + listener.listen + "\n";
  }

  Explanation take() { return std::move(result_); }

 private:
  void outcome(const sensors::Decoder& decode, bool show_readings) {
    auto readings = decode(message_);
    if (!readings) {
      if (show_readings)
        result_.text += "  no reading (" + readings.error().reason + "): " + readings.error().text +
                        ". The payload is kept raw among the dead letters\n";
      return;
    }
    if (readings->empty() && show_readings) result_.text += "  no reading: it says nothing of the weather\n";
    sensors::Stage stage(stage_options(config_));
    sensors::RenderOptions render;
    render.units = sensors::unit_system_from(config_.kafka.units).value_or(sensors::UnitSystem::metric);
    render.aliases = {config_.kafka.aliases.begin(), config_.kafka.aliases.end()};
    for (auto& reading : *readings) {
      if (show_readings) result_.text += reading_text(reading);
      stage.apply(reading, 0);
      result_.text += quality_text(reading) + "  Kafka gets: key " + reading.sensor_id() + ", value " +
                      sensors::render_value_json(reading, render) + "\n";
      result_.reading = true;
    }
  }

  const Config& config_;
  sensors::Message message_;
  Explanation result_;
};

}  // namespace

Explanation explain_sample(const Config& config, std::string_view topic, std::string_view payload) {
  Explainer explainer(config, topic, payload);
  for (const auto& mqtt : config.mqtt)
    if (subscribed(mqtt.topics, topic)) explainer.source("broker " + mqtt.url, mqtt.name, mqtt.format);
  for (const auto& listener : config.listener)
    if (subscribed(listener.topics, topic))
      explainer.source("listener " + listener.listen, listener.name, listener.format);
  for (const auto& lines : config.lines)
    if (lines.path == topic) explainer.source("lines of " + lines.path, lines.name, lines.format);
  if (!config.http.empty() && sensors::find_push_route(topic).route != sensors::PushRoute::unknown) {
    const auto& http = config.http.front();
    explainer.over_http(http.listen, http.name.empty() ? "http" : http.name);
  }
  explainer.nobody();
  return explainer.take();
}

}  // namespace weather::gateway
