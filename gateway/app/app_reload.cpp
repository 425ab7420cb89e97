// App::reload: which parts of a new configuration are taken over, and how.
#include <algorithm>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bridge/kafka/proxied.hpp"
#include "gateway/app/app.hpp"
#include "gateway/app/app_options.hpp"
#include "gateway/app/downlink_line.hpp"
#include "gateway/app/formats.hpp"
#include "gateway/config/changes.hpp"
#include "gateway/config/routes.hpp"
#include "gateway/fleet/reporter.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {
namespace {

constexpr const char* kafka_section = "kafka";

bool is_source_section(const std::string& section) {
  const auto& all = source_section_names();
  return std::find(all.begin(), all.end(), section) != all.end();
}

// Enough to see that a file is another one; secrets do not stay in memory for it.
std::string digest(const std::vector<std::filesystem::path>& files) {
  std::string state;
  for (const auto& file : files) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(file, none)) continue;  // a folder of authorities, or nothing
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    state += std::to_string(std::hash<std::string>()(text)) + ":" + std::to_string(text.size()) + " ";
  }
  return state;
}

// Everything that the Kafka client is made of, the files it names included (certificates, keys).
std::string kafka_state(const bridge::ForwarderOptions& options) {
  std::vector<std::filesystem::path> files;
  std::string settings;
  for (const auto& [key, value] : options.properties) {
    settings += key + "=" + value + "\n";
    if (key.ends_with(".location")) files.emplace_back(value);
  }
  return std::to_string(std::hash<std::string>()(settings)) + " " + digest(files);
}

bool proxy_changed(const bridge::Properties& before, const bridge::Properties& after) {
  const auto names = bridge::proxy_setting_names();
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    const auto a = before.find(name), b = after.find(name);
    return (a == before.end() ? "" : a->second) != (b == after.end() ? "" : b->second);
  });
}

template <class Map>
void keep_fixed(const Map& before, Map& after) {
  std::erase_if(after, [](const auto& entry) { return !is_reloadable(entry.first); });
  for (const auto& [key, value] : before)
    if (!is_reloadable(key)) after[key] = value;
}

// What cannot change keeps its old value, so that the next reload names it again.
Config merged(const Config& before, Config after) {
  const auto log_level = after.gateway.log_level;
  after.gateway = before.gateway;
  after.gateway.log_level = log_level;
  after.log = before.log;
  after.route = before.route;
  after.clock = before.clock;
  after.web = before.web;
  after.fleet = before.fleet;
  after.downlink = before.downlink;
  after.device = before.device;
  after.silence = before.silence;
  keep_fixed(before.values, after.values);
  keep_fixed(before.places, after.places);
  return after;
}

}  // namespace

void App::remember_files() {
  for (const auto& section : source_section_names())
    file_state_[section] = digest(files_of(config_, section));
  file_state_[kafka_section] = kafka_state(forwarder_options_);
}

// Sections that must be made anew, by their keys or by the contents of their files.
std::set<std::string> App::changed_sections(const Config& config, const bridge::ForwarderOptions& forwarder,
                                            ReloadReport& report) const {
  std::set<std::string> changed;
  for (const auto& key : changed_keys(config_, config)) {
    if (is_reloadable(key))
      changed.insert(std::string(section_of(key)));
    else
      report.needs_restart.push_back(key);
  }
  for (const auto& [name, formats] : format_tables()) {
    if (!changed.contains(name)) continue;
    if (name != "sensors") changed.erase(name);  // that one has other keys too
    for (const auto& section : source_section_names())
      if (reads_with(config, section, formats)) changed.insert(section);
  }
  const bool proxied =
      std::any_of(config.mqtt.begin(), config.mqtt.end(), [](const MqttConfig& mqtt) { return mqtt.proxy; });
  if (proxied && proxy_changed(forwarder_options_.properties, forwarder.properties)) changed.insert("mqtt");
  if (kafka_state(forwarder) != file_state_.at(kafka_section)) changed.insert(kafka_section);
  return changed;
}

ReloadReport App::reload(Config config, bridge::ForwarderOptions forwarder) {
  ReloadReport report;
  const auto changed = changed_sections(config, forwarder, report);
  auto next = merged(config_, std::move(config));
  std::set<std::string> sources;
  for (const auto& section : source_section_names())
    if (changed.contains(section) ||
        (digest(files_of(next, section)) != file_state_.at(section) && !sources_.read_files_again(section)))
      sources.insert(section);
  try {
    sources_.replace(sources, config_, next);
  } catch (const StartError& error) {
    report.faults.emplace_back(error.what());
    note_bad_reload();
    return report;
  }
  for (const auto& section : source_section_names())
    if (sources.contains(section))
      report.applied.push_back(section);
    else if (digest(files_of(next, section)) != file_state_.at(section))
      report.applied.push_back(section + " (files)");
  config_ = std::move(next);
  if (changed.contains("sensors") || changed.contains("quality")) ingest_->set_stage(stage_options(config_));
  if (changed.contains("sensors")) forget_old_ids();
  if (changed.contains("gateway")) set_say_level(level_from(config_.gateway.log_level));
  bool kafka = false;
  for (const auto& section : changed) {
    if (is_source_section(section)) continue;
    report.applied.push_back(section == "gateway" ? "gateway.log_level" : section);
    kafka |= section != "gateway" && section != "sensors" && section != "quality";
  }
  forwarder.routes = route_options(config_);  // their number is fixed: the log has a cursor for each
  if (kafka)
    replace_forwarder(std::move(forwarder));
  else if (!replacing_forwarder_)
    forwarder_->retry_now();
  remember_files();
  watch_certificates();
  report.good = reload_ok_ = true;
  note_left_out({});
  reload_ns_ = stamper_.now().wall_ns;
  return report;
}

void App::note_left_out(const std::string& why) {
  if (downlink_) downlink_->note_left_out(why);
}

// A sensor that got a name, or is ignored now, would stay in the table under its id, and fall silent there.
// The charts go on under the name. An id that is another sensor's name is heard of by that name.
void App::forget_old_ids() {
  std::set<std::string> in_use;
  for (const auto& [id, name] : config_.sensors.names) in_use.insert(name);
  for (const auto& [id, name] : config_.sensors.names) {
    if (in_use.contains(id)) continue;
    sensor_store_->forget(id, [this, id = id, name = name](bool known, const std::string&) {
      if (known) history_.rename(id, name);
    });
  }
  for (const auto& [id, why] : config_.sensors.ignore)
    sensor_store_->forget(id, [](bool, const std::string&) {});
}

// The cursor is in the log: what the old client did not confirm in time is sent by the new one, under the
// same ids. No second client runs beside the first, so order holds.
void App::replace_forwarder(bridge::ForwarderOptions options) {
  const auto before = std::exchange(forwarder_options_, std::move(options));
  if (std::exchange(replacing_forwarder_, true)) return;  // the one under way takes the newest
  forwarder_->stop(flush_time, [this, before] {
    boost::asio::post(io_, [this, before] {
      replacing_forwarder_ = false;
      if (stopped_) return std::exchange(stopped_, nullptr)();
      std::vector<std::string> paused;
      for (const auto& route : forwarder_->status().routes)
        if (route.state == bridge::RouteState::paused) paused.push_back(route.name);
      // Before the start: a paused route sends nothing.
      const auto go_on = [this, &paused](const bridge::ForwarderOptions& with) {
        forwarder_ = make_forwarder(with);
        for (const auto& route : paused) forwarder_->pause(route);
        if (!held_until_) forwarder_->start();
      };
      forwarder_.reset();
      std::string why_not;
      try {
        go_on(forwarder_options_);
      } catch (const std::exception& error) {
        why_not = error.what();
        say(Level::error, std::string("the new Kafka settings cannot be used (") + error.what() +
                              "); those before stay in use");
        forwarder_options_ = before;
        reload_ok_ = false;
        forwarder_.reset();
        go_on(forwarder_options_);
      }
      make_fleet_reporter();
      if (fleet_) fleet_->start();
      if (downlink_) downlink_->routes_are_new(why_not);
    });
  });
}

}  // namespace weather::gateway
