#include "gateway/init/plan.hpp"

#include "gateway/output/columns.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

// What anything may send; JSON without a known product.
constexpr std::string_view usual_filter = "weather/#", usual_format = "json";

std::string list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) out += (out.size() > 1 ? ", " : "") + toml_text(text);
  return out + "]";
}

// Two sources on one broker differ by their names, and the broker by their client ids.
std::string source_name(const std::string& format, std::size_t broker, std::size_t brokers) {
  return "mqtt-" + format + (brokers > 1 ? "-" + std::to_string(broker + 1) : "");
}

std::string password_file(std::size_t broker, std::size_t brokers) {
  return "mqtt" + (brokers > 1 ? "-" + std::to_string(broker + 1) : std::string()) + ".password";
}

std::string mqtt_text(const InitAnswers& answers) {
  std::string out = "# What sensors publish to MQTT brokers.\n";
  const auto brokers = answers.brokers.size();
  for (std::size_t i = 0; i < brokers; ++i) {
    const auto& broker = answers.brokers[i];
    auto sources = broker.sources;
    if (sources.empty()) sources.push_back({std::string(usual_format), {std::string(usual_filter)}, {}});
    for (const auto& source : sources) {
      const auto name = source_name(source.format, i, brokers);
      out += "\n[[mqtt]]\nname = " + toml_text(name) + "\nurl = " + toml_text(broker.url) +
             "\ntopics = " + list(source.filters) + "\nformat = " + toml_text(source.format) +
             "\nqos = 1\nclient_id = " + toml_text("weather-gateway-" + answers.id + "-" + name) + "\n";
      if (broker.username.empty()) continue;
      out += "username = " + toml_text(broker.username) + "\n";
      if (!broker.password.empty())
        out += "password_file = " + toml_text("../" + password_file(i, brokers)) + "\n";
    }
  }
  return out;
}

std::string bus_text(const InitAnswers& answers) {
  std::string out = "# Sensors wired to this machine.\n";
  for (const auto& bus : answers.buses) {
    out += "\n";
    for (const auto& sensor : bus.sensors)
      out += "# " + sensors::printable(sensor.id + ": " + sensor.sample) + "\n";
    out += "[[bus]]\nkind = " + toml_text(bus.kind) + "\n";
    if (!bus.root.empty()) out += "root = " + toml_text(bus.root) + "\n";
  }
  return out;
}

std::string bluetooth_text(const InitAnswers& answers) {
  const auto& bluetooth = answers.bluetooth;
  std::string out =
      "# Sensors that were heard by Bluetooth LE; strike out those that are not yours. Those that "
      "encrypt\n"
      "# need a key in keys_file: docs/bluetooth.md.\n\n[[bluetooth]]\nadapter = " +
      toml_text(bluetooth.adapter) + "\ndevices = [\n";
  for (std::size_t i = 0; i < bluetooth.devices.size(); ++i)
    out += "  " + toml_text(bluetooth.devices[i]) + ",  # " +
           cut(sensors::printable(bluetooth.sensors[i].sample), 60) + "\n";
  return out + "]\n";
}

// What an adapter speaks cannot be seen: a section for each kind, to take the # off.
std::string serial_text(const InitAnswers& answers) {
  std::string out =
      "# Serial adapters that are plugged in. What is behind each only you know: take the # off one of its\n"
      "# sections (docs/instruments.md). Modbus RTU goes by [[modbus]], with its registers: man\n"
      "# weather-gateway.toml. The service opens them with the drop-in 10-buses.conf "
      "(docs/raspberry-pi.md).\n";
  for (const auto& device : answers.serial_adapters) {
    const auto named = "# device = " + toml_text(device) + "\n";
    out += "\n# Lines of text, by themselves or asked:\n# [[serial]]\n" + named +
           "# baud = 9600\n# format = \"json\"\n\n# NMEA 0183:\n# [[nmea]]\n" + named + "# baud = 4800\n";
  }
  return out;
}

// The radio may belong to another program: not switched on by itself.
constexpr std::string_view program_text =
    "# Programs with a unit of their own, whose lines are read. rtl_433 is installed: take the # off, then\n"
    "# sudo systemctl enable --now weather-gateway-rtl_433\n\n"
    "# [[program]]\n# name = \"rtl_433\"\n# format = \"rtl_433\"\n";

// The names the user gave, and for all other sensors a line to take the # off.
std::string names_text(const InitAnswers& answers) {
  std::string out =
      "# What sensors are called, by the id they come with: the key of their records in Kafka. Those with a "
      "#\n"
      "# keep their id; take it off to rename them, best before their first record.\n[sensors.names]\n";
  const auto line = [&](const FoundSensor& sensor) {
    const auto given = answers.names.find(sensor.id);
    const auto named = given != answers.names.end();
    auto name = named ? given->second : name_from_id(sensor.id);
    if (!named && (name.empty() || name == sensor.id)) name = "?";
    out += (named ? "" : "# ") + toml_text(sensor.id) + " = " + toml_text(name) +
           (sensor.sample.empty() ? "" : "  # " + cut(sensors::printable(sensor.sample), 60)) + "\n";
  };
  for (const auto& broker : answers.brokers)
    for (const auto& source : broker.sources)
      for (const auto& sensor : source.sensors) line(sensor);
  for (const auto& bus : answers.buses)
    for (const auto& sensor : bus.sensors) line(sensor);
  for (const auto& sensor : answers.bluetooth.sensors) line(sensor);
  return out;
}

std::string main_text(const InitAnswers& answers) {
  std::string out =
      "# Written by `weather-gateway init`. What is beside it in conf.d/*.toml counts too.\n"
      "# All settings: man weather-gateway.toml. Is it right? weather-gateway check\nconfig_version = 1\n\n"
      "[gateway]\nid = " +
      toml_text(answers.id) + "\ndata_dir = " + toml_text(answers.data_dir) +
      "\n\n[kafka]\ntopic = " + toml_text(answers.kafka.topic) + "\n";
  const auto proxy =
      answers.kafka.proxy.empty() ? "" : "\n[kafka.proxy]\nurl = " + toml_text(answers.kafka.proxy) + "\n";
  if (!answers.kafka.properties.empty()) return out + "properties_file = \"client.properties\"\n" + proxy;
  return out + "\n[kafka.properties]\n\"bootstrap.servers\" = " + toml_text(answers.kafka.bootstrap) + "\n" +
         proxy;
}

bool any_sensor(const InitAnswers& answers) {
  for (const auto& broker : answers.brokers)
    for (const auto& source : broker.sources)
      if (!source.sensors.empty()) return true;
  for (const auto& bus : answers.buses)
    if (!bus.sensors.empty()) return true;
  return !answers.bluetooth.sensors.empty();
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string out;
  sensors::append_json_string(out, sensors::to_utf8(text));  // a basic string of TOML has JSON's escapes
  return out;
}

std::vector<PlannedFile> plan_files(const InitAnswers& answers, const std::string& main) {
  std::vector<PlannedFile> files{{main, main_text(answers), false}};
  if (!answers.kafka.properties.empty())
    files.push_back({"client.properties", answers.kafka.properties, true});
  if (!answers.brokers.empty()) files.push_back({"conf.d/mqtt.toml", mqtt_text(answers), false});
  for (std::size_t i = 0; i < answers.brokers.size(); ++i)
    if (!answers.brokers[i].password.empty())
      files.push_back({password_file(i, answers.brokers.size()), answers.brokers[i].password + "\n", true});
  if (!answers.buses.empty()) files.push_back({"conf.d/buses.toml", bus_text(answers), false});
  if (!answers.bluetooth.devices.empty())
    files.push_back({"conf.d/bluetooth.toml", bluetooth_text(answers), false});
  if (!answers.serial_adapters.empty()) files.push_back({"conf.d/serial.toml", serial_text(answers), false});
  if (answers.rtl_433) files.push_back({"conf.d/programs.toml", std::string(program_text), false});
  if (any_sensor(answers)) files.push_back({"conf.d/names.toml", names_text(answers), false});
  return files;
}

}  // namespace weather::gateway
