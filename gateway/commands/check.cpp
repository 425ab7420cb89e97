#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <librdkafka/rdkafka.h>
#include <sysexits.h>
#include <unistd.h>

#include "bridge/kafka/properties.hpp"
#include "bridge/kafka/secrets.hpp"
#include "bridge/kafka/settings.hpp"
#include "gateway/app/app.hpp"
#include "gateway/app/explain.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/kafka_look.hpp"
#include "gateway/commands/setup.hpp"
#include "gateway/config/files.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/proxy.hpp"
#include "gateway/config/render.hpp"
#include "gateway/config/values.hpp"
#include "gateway/doctor/bluetooth.hpp"
#include "gateway/doctor/devices.hpp"
#include "gateway/doctor/facts.hpp"
#include "gateway/doctor/gpio.hpp"
#include "gateway/doctor/judge.hpp"
#include "gateway/doctor/relay.hpp"
#include "gateway/http/access.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/style.hpp"
#include "gateway/output/terminal.hpp"

namespace weather::gateway {

namespace {

void add(std::vector<Finding>& to, std::vector<Finding> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// The machine, and unless offline Kafka and the MQTT brokers.
std::vector<Finding> look_around(const Setup& setup, bool offline, std::chrono::milliseconds timeout) {
  std::vector<Finding> findings;
  const auto& config = setup.config;
  add(findings, judge_disk(look_at_disk(config)));
  const auto clock = look_at_clock(config);
  add(findings, judge_clock(clock));
  for (const auto& certificate : look_at_certificates(config, setup.forwarder.properties))
    if (const auto missing = missing_file({{}, 0, {{certificate.what, certificate.file}}}); !missing)
      findings.push_back(judge_certificate(certificate, clock.wall_ns));
    else if (certificate.what.starts_with("kafka"))  // the others wait with who listens, below
      findings.push_back(judge_place("client", missing));
  for (const auto& [what, place] : listen_places(config))
    findings.push_back(judge_place(what, not_there_yet(place)));
  for (const auto& mqtt : config.mqtt)
    if (const auto missing = missing_file(place_of(mqtt)))
      findings.push_back(judge_place("mqtt " + mqtt.url, missing));
  add(findings, look_at_devices(config));
  add(findings, look_at_pulses(config));
  add(findings, look_at_bluetooth(config, timeout));
  const auto page = place_of(config.web);
  if (!page.files.empty() && !missing_file(page)) {
    const auto access = read_page_access(config.web);
    findings.push_back(
        access ? Finding{Grade::ok, "page", "its certificate and users can be used", ""}
               : Finding{Grade::fault, "page", access.error(), "the gateway would not start: mend it"});
  }
  findings.push_back(judge_watchdog(look_at_watchdog()));
  if (offline) return findings;
  const auto proxy = proxy_settings(config);
  for (const auto& mqtt : config.mqtt) findings.push_back(judge_mqtt(look_at_mqtt(mqtt, timeout, proxy)));
  for (const auto& route : setup.forwarder.routes) {
    if (route.relay) {
      findings.push_back(look_at_relay(route, gateway_id(config), proxy, timeout));
      continue;
    }
    if (route.topic.find('{') != std::string::npos)
      continue;  // which topics these are shows with the readings
    auto properties = setup.forwarder.properties;
    for (const auto& [key, value] : route.properties) properties[key] = value;
    add(findings, judge_kafka(look_at_kafka(setup.forwarder, properties, route.topic, timeout),
                              properties.at("bootstrap.servers"), route.topic));
  }
  return findings;
}

// As findings where JSON is asked for.
int report_faults(const ConfigFailure& failure, bool json) {
  std::vector<Finding> findings;
  for (const auto& line : failure.lines) {
    complain(line, 0);
    findings.push_back({Grade::fault, "config", line, "mend it; the gateway does not start with it"});
  }
  if (json) print_json(to_json(findings));
  return failure.exit_code;
}

// What [kafka.properties] does not replace, with its line.
int show_properties_file(const KafkaConfig& kafka) {
  const auto file = kafka.properties_file.string();
  const auto taken = bridge::read_client_file(file);
  if (!taken) {
    complain_of(taken.error(), file);
    return EX_CONFIG;
  }
  for (const auto& one : taken->properties)
    if (!kafka.properties.contains(one.key))
      print_line("kafka.properties." + one.key + " = " +
                 (bridge::is_secret(one.key) ? "<redacted>" : "\"" + bridge::shown(one.value) + "\"") +
                 "   # " + file + ":" + std::to_string(one.line));
  if (const auto note = bridge::passed_over_text(*taken); !note.empty()) print_line("# " + file + note);
  return EX_OK;
}

// Exit 0 if it becomes a reading, EX_DATAERR if not.
int explain(const Config& config, const CheckOptions& options) {
  std::string payload;
  if (options.sample == "-") {
    payload.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream file(options.sample, std::ios::binary);
    if (!file) return complain(options.sample + ": " + std::strerror(errno), EX_NOINPUT);
    payload.assign(std::istreambuf_iterator<char>(file), {});
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto explanation = explain_sample(
      config, {options.topic, payload, options.format,
               std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(), gateway_id(config)});
  if (!explanation) return complain(explanation.error(), EX_USAGE);
  if (options.json)
    print_json(explanation->json);
  else
    print_text(explanation->text);
  return explanation->reading ? EX_OK : EX_DATAERR;
}

// A format by name needs no configuration; what there is (units, names, mappings) counts.
int explain_format(const CheckOptions& options) {
  std::error_code ignored;
  if (std::filesystem::exists(options.config_file, ignored)) {
    const auto config = read_config(options.config_file);
    if (config) return explain(*config, options);
    return report_faults(config.error(), options.json);
  }
  const auto config = load({}, {});
  return config ? explain(*config, options) : complain(to_string(config.error().front()), EX_SOFTWARE);
}

}  // namespace

bridge::Inspection look_at_kafka(const bridge::ForwarderOptions& forwarder,
                                 const bridge::Properties& properties, const std::string& topic,
                                 std::chrono::milliseconds timeout) {
  return bridge::inspect_kafka(
      bridge::forwarder_properties(properties, forwarder.profile, forwarder.delivery, ::rd_kafka_version()),
      topic, timeout);
}

int check_command(const CheckOptions& options) {
  const auto timeout = parse_duration(options.timeout);
  if (!timeout) return complain("--timeout: " + timeout.error(), EX_USAGE);
  if (options.sample.empty() != (options.topic.empty() && options.format.empty()))
    return complain("--sample goes with --topic or --format", EX_USAGE);
  if (!options.format.empty()) return explain_format(options);
  const auto setup = load_setup(options.config_file);
  if (!setup) return report_faults(setup.error(), options.json);
  if (!options.sample.empty()) return explain(setup->config, options);
  std::vector<Finding> findings{{Grade::ok, "config", options.config_file + ": good", ""}};
  for (const auto& unused : unused_tables(setup->config))
    findings.push_back(
        {Grade::warning, "config", to_string(unused), "give one that format, or leave it out"});
  add(findings, look_around(*setup, options.offline, *timeout));
  if (options.json) {
    print_json(to_json(findings));
  } else {
    const auto width = ::isatty(STDOUT_FILENO) != 0 ? terminal_width() : 0;
    for (const auto& finding : findings)
      for (const auto& line : to_lines(finding, width, colour_wanted())) print_styled(line);
  }
  return any_fault(findings) ? EX_UNAVAILABLE : EX_OK;
}

int config_default_command() {
  print_text(render_default());
  return EX_OK;
}

int config_schema_command() {
  print_json(render_schema());
  return EX_OK;
}

int config_show_command(const ConfigShowOptions& options) {
  const auto config = read_config(options.config_file);
  if (!config) {
    for (const auto& line : config.error().lines) complain(line, 0);
    return config.error().exit_code;
  }
  print_text(render_origins(*config, options.all));
  return config->kafka.properties_file.empty() ? EX_OK : show_properties_file(config->kafka);
}

}  // namespace weather::gateway
