#include "tests/unit/account/corpus.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "sensors/csv/formats.hpp"
#include "sensors/decoders/registry.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"

namespace weather::sensors {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// One string literal's text, from behind its opening quote; `at` is left behind its end.
std::string plain_literal(const std::string& source, std::size_t& at) {
  std::string out;
  while (at < source.size() && source[at] != '"' && source[at] != '\n') {
    if (source[at] == '\\' && at + 1 < source.size()) ++at;
    out += source[at++];
  }
  ++at;
  return out;
}

// Adjacent literals are one text, as for the compiler.
std::vector<std::string> literals(const std::string& source) {
  std::vector<std::string> out;
  bool joins = false;
  for (std::size_t at = 0; at < source.size();) {
    if (source.compare(at, 2, "//") == 0) at = std::min(source.find('\n', at), source.size());
    std::string text;
    if (source.compare(at, 3, "R\"(") == 0) {
      const auto end = std::min(source.find(")\"", at), source.size());
      text = source.substr(at + 3, end - at - 3);
      at = end + 2;
    } else if (at < source.size() && source[at] == '"' && (at == 0 || source[at - 1] != '\'')) {
      ++at;
      text = plain_literal(source, at);
    } else {
      if (at < source.size() && source[at] != ' ' && source[at] != '\n') joins = false;
      ++at;
      continue;
    }
    if (joins)
      out.back() += text;
    else
      out.push_back(text);
    joins = true;
  }
  return out;
}

void sort_in(Corpus& corpus, std::string text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.erase(0, 1);
  if (text.starts_with('{') || text.starts_with('['))
    corpus.documents.push_back(text);
  else if (text.starts_with('$'))
    corpus.sentences.push_back(text);
  else if (text.find('=') != std::string::npos && text.find_first_of("\n\"{") == std::string::npos)
    corpus.forms.push_back(text);
}

Corpus read() {
  Corpus out;
  const fs::path tests = WEATHER_TESTS;
  for (const auto& entry : fs::recursive_directory_iterator(tests / "unit"))
    if (entry.path().extension() == ".cpp")
      for (auto& text : literals(content_of(entry.path()))) sort_in(out, std::move(text));
  for (const auto* folder : {"decoders", "mapping", "lorawan", "buses"})
    for (const auto& entry : fs::directory_iterator(tests / "fuzz" / "corpus" / folder)) {
      const auto text = content_of(entry.path());  // the first byte chooses; of a mapping a topic follows
      sort_in(out, text.substr(std::min<std::size_t>(1, text.size())));
      if (const auto newline = text.find('\n'); newline != std::string::npos)
        sort_in(out, text.substr(newline + 1));
    }
  for (auto* list : {&out.documents, &out.forms, &out.sentences}) {
    std::ranges::sort(*list);
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return out;
}

}  // namespace

const Corpus& corpus() {
  static const Corpus all = read();
  return all;
}

std::vector<std::string> formats() {
  Registry registry;
  add_decoders(registry);
  add_presets(registry);
  add_lorawan(registry);
  add_tables(registry);
  auto out = registry.names();
  // Their lines are no documents: csv_decoder_test.cpp.
  std::erase_if(out, [](const std::string& name) { return name == "csv" || name == "toa5"; });
  out.emplace_back("nmea");
  return out;
}

std::vector<std::string> topics_of(const std::string& format) {
  if (format == "esphome") return {"garden/sensor/temperature/state"};
  if (format == "ha-statestream") return {"homeassistant/sensor/garden_temperature/state"};
  if (format == "openmqttgateway") return {"home/g/BTtoMQTT/A", "home/g/RTL_433toMQTT"};
  if (format == "ruuvi-gateway") return {"ruuvi/C8:25:2D:8E:9C:2C/CB:B8:33:4C:88:4F"};
  if (format == "shelly-gen2")
    return {"shellyht-1/events/rpc",
            "s/status/temperature:100",
            "s/status/devicepower:0",
            "s/status/bthomesensor:200",
            "s/status/humidity:0",
            "s/status/illuminance:0",
            "shellies/shellyht-1/sensor/temperature"};
  if (format == "tasmota") return {"tele/roof/SENSOR"};
  if (format == "weewx") return {"weather/loop"};
  if (format == "zigbee2mqtt") return {"zigbee2mqtt/room/garden"};
  if (format == "chirpstack")
    return {"application/a/device/d/event/up", "application/a/device/d/event/status",
            "application/a/device/d/event/location"};
  if (format == "things-stack") return {"v3/a@t/devices/d/up", "v3/a@t/devices/d/location/solved"};
  return {"weather/sensor-001"};
}

}  // namespace weather::sensors
