#include "gateway/init/tell.hpp"

#include <algorithm>

#include "gateway/output/columns.hpp"
#include "gateway/status/status.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t width = 80, named_sensors = 8, named_topics = 4;

const std::string more = "  ";

std::string line(const std::string& text) {
  return cut(sensors::printable(text), width) + "\n";
}

std::string number_of(std::size_t count, const std::string& one) {
  return human_count(count) + " " + one + (count == 1 ? "" : "s");
}

template <class List, class Name>
std::string some(const List& list, std::size_t most, const Name& name) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, list.size()); ++i) text += (i == 0 ? "" : ", ") + name(list[i]);
  return text + (list.size() > most ? ", ..." : "");
}

}  // namespace

std::string to_text(const Heard& heard, const Proposals& found) {
  std::string text = line("  " + number_of(heard.messages(), "message") + " on " +
                          number_of(heard.topics().size(), "topic") +
                          (heard.left_some_out() ? ", more than are looked at" : ""));
  const auto same = [](const std::string& topic) { return topic; };
  for (const auto& source : found.sources) {
    text += line("  " + source.format + ": " + number_of(source.sensors.size(), "sensor") + " on " +
                 some(source.filters, named_topics, same));
    for (std::size_t i = 0; i < std::min(named_sensors, source.sensors.size()); ++i) {
      const auto& sensor = source.sensors[i];
      text += line("    " + fit(sensors::printable(sensor.id), 28) + " " + sensor.sample +
                   (sensor.retained ? " (kept by the broker)" : ""));
    }
    if (source.sensors.size() > named_sensors)
      text += line("    and " + std::to_string(source.sensors.size() - named_sensors) + " more");
  }
  if (!found.not_weather.empty())
    text +=
        line("  No weather that a built-in format knows: " + some(found.not_weather, named_topics, same)) +
        line("  A mapping of your own reads any of them: docs/mapping.md.");
  return text;
}

std::string to_text(const FoundSensor& sensor) {
  return line("  " + sensor.id + ": " + sensor.sample);
}

std::string adapters_text(const std::vector<std::string>& devices) {
  if (devices.empty()) return {};
  auto text = line("  Serial adapters; what each speaks is yours to say in conf.d/serial.toml:");
  for (const auto& device : devices) text += line("    " + device.substr(device.rfind('/') + 1));
  return text;
}

std::string indented(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    for (const auto& part : wrap(text.substr(at, end - at), width - more.size())) out += more + part + "\n";
    at = end + 1;
  }
  return out;
}

std::string human_seconds(std::chrono::milliseconds time) {
  return human_duration(static_cast<double>(time.count()) / 1000);
}

}  // namespace weather::gateway
