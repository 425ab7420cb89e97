#include "gateway/web/view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gateway/cli/progress.hpp"
#include "gateway/web/sparkline.hpp"
#include "sensors/reading/printable.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

const char* health_name(Health health) {
  return health == Health::ok ? "ok" : health == Health::warning ? "warning" : "critical";
}

const char* health_icon(Health health) {
  return health == Health::ok ? "✓" : health == Health::warning ? "!" : "✕";
}

std::string age(std::int64_t since_ns, std::int64_t now_ns) {
  return since_ns == 0 ? "–" : human_duration(static_cast<double>(now_ns - since_ns) / 1e9);
}

std::string rate_text(double per_second) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), per_second < 10 ? "%.1f" : "%.0f", per_second);
  return text.data();
}

std::string bytes(const std::optional<std::uint64_t>& count) {
  return count ? human_bytes(static_cast<double>(*count)) : std::string("–");
}

// {"temperature":22.5,"humidity":60} -> temperature 22.5, humidity 60
std::string readable(const std::string& value_json) {
  std::string text;
  bool quoted = false;
  for (std::size_t i = 0; i < value_json.size(); ++i) {
    const char c = value_json[i];
    if (c == '"' && (i == 0 || value_json[i - 1] != '\\'))
      quoted = !quoted;
    else if (quoted)
      text += c;
    else if (c == ':')
      text += ' ';
    else if (c == ',')
      text += ", ";
    else if (c != '{' && c != '}')
      text += c;
  }
  return text;
}

std::string value_of(const SensorStatus& sensor) {
  if (!sensor.error.empty()) return sensor.error;
  auto text = readable(sensor.value_json);
  std::array<char, 48> more{};
  if (sensor.battery_low) text += "; battery low";
  if (sensor.battery_ratio) {
    std::snprintf(more.data(), more.size(), sensor.battery_low ? " (%.0f %%)" : "; battery %.0f %%",
                  static_cast<double>(*sensor.battery_ratio) * 100);
    text += more.data();
  } else if (sensor.battery_v) {
    std::snprintf(more.data(), more.size(), sensor.battery_low ? " (%.2f V)" : "; battery %.2f V",
                  static_cast<double>(*sensor.battery_v));
    text += more.data();
  }
  if (sensor.rssi_dbm) {
    std::snprintf(more.data(), more.size(), "; signal %.0f dBm", static_cast<double>(*sensor.rssi_dbm));
    text += more.data();
  }
  return text;
}

struct StateWords {
  int rank;
  const char *text, *class_name;
};
StateWords words_of(const std::string& state) {
  if (state == "rejecting") return {0, "✕ rejecting", "critical"};
  if (state == "silent") return {1, "✕ silent", "critical"};
  if (state == "late") return {2, "! late", "warning"};
  return {3, "✓ ok", "ok"};
}

void add_sensors(View& view, const Status& status, const std::vector<SensorStatus>& sensors) {
  struct Ranked {
    StateWords words;
    const SensorStatus* sensor;
  };
  std::vector<Ranked> ranked;
  std::map<int, std::size_t> count;
  for (const auto& sensor : sensors) {
    ranked.push_back({words_of(sensor_state(sensor, status.now_ns)), &sensor});
    ++count[ranked.back().words.rank];
  }
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return a.words.rank != b.words.rank ? a.words.rank < b.words.rank : a.sensor->id < b.sensor->id;
  });
  for (std::size_t i = 0; i < std::min(ranked.size(), View::most_rows); ++i) {
    const auto& [words, sensor] = ranked[i];
    view.sensors.push_back({sensor->id, words.text, words.class_name, value_of(*sensor),
                            age(sensor->last_ns, status.now_ns), sparkline_points(sensor->recent),
                            sparkline_label(*sensor)});
  }
  std::string summary = human_count(sensors.size()) + (sensors.size() == 1 ? " sensor" : " sensors");
  for (const auto& [rank, name] : {std::pair(0, "rejecting"), {1, "silent"}, {2, "late"}})
    if (count[rank] != 0) summary += ", " + human_count(count[rank]) + " " + name;
  view.texts["sensor-count"] = summary;
  view.texts["more"] = ranked.size() > View::most_rows
                           ? "and " + human_count(ranked.size() - View::most_rows) +
                                 " more, none of them worse; all are in the JSON below"
                       : ranked.empty() ? "no sensor has been heard of yet"
                                        : "";
}

void add_numbers(View& view, const Status& status) {
  std::uint64_t delivered = 0, lost = status.log.lost + status.log.dropped_newest;
  double rate = 0;
  for (const auto& route : status.kafka.routes) {
    delivered += route.delivered;
    lost += route.dead_lettered + route.dropped;
    rate += route.records_per_s;
  }
  auto& texts = view.texts;
  texts["rate-in"] = rate_text(status.received_per_s);
  texts["rate-out"] = rate_text(rate);
  texts["delivered"] = human_count(delivered) + " delivered in all";
  texts["stored"] = human_count(status.log.durable);
  texts["size"] = human_bytes(static_cast<double>(status.log.bytes)) + " of " +
                  human_bytes(static_cast<double>(status.log.max_bytes));
  texts["unsent"] = human_count(unsent_records(status));
  texts["oldest"] = age(oldest_unsent_ns(status), status.now_ns);
  texts["per-minute"] = human_count(static_cast<std::uint64_t>(std::llround(rate * 60)));
  texts["lost"] = human_count(lost);
  view.classes["lost"] = lost == 0 ? "none" : "some";
}

void add_kafka(View& view, const Status& status) {
  for (const auto& route : status.kafka.routes) {
    view.routes.push_back(
        {route.topic,
         std::string(bridge::to_string(route.state)) + (route.reason.empty() ? "" : ": " + route.reason),
         human_count(route.waiting), human_milliseconds(route.delivery_p99_s),
         route.last_error.empty() ? "none" : route.last_error});
    for (const auto& broker : route.meters.brokers)
      view.brokers.push_back({broker.name, broker.up ? "✓ up" : "✕ down",
                              human_milliseconds(broker.round_trip_p50_s),
                              human_milliseconds(broker.round_trip_p99_s)});
  }
  if (view.brokers.empty()) view.brokers.push_back({"none reached yet", "–", "–", "–"});
}

void add_sources(View& view, const Status& status) {
  for (const auto& source : status.sources) {
    std::uint64_t undecodable = 0;
    for (const auto& [reason, count] : source.counters.undecodable) undecodable += count;
    view.sources.push_back(
        {source.name,
         source.up ? "✓ up" + (source.place.empty() ? "" : ", " + source.place) : "✕ " + source.reason,
         human_count(source.counters.readings), human_count(source.counters.duplicates),
         human_count(undecodable)});
  }
}

std::string power_text(const DeviceStatus& device) {
  if (!device.undervoltage) return "– (this machine does not say)";
  if (*device.undervoltage) return "✕ undervoltage: the supply or its cable is too weak";
  return device.was_undervoltage ? "! good now, undervoltage since boot" : "✓ good";
}

void add_device(View& view, const Status& status) {
  const auto& device = status.device;
  auto& texts = view.texts;
  texts["clock"] = (status.clock == "synchronised" ? "✓ " : "! ") + status.clock;
  view.classes["clock"] = status.clock == "synchronised" ? "ok" : "warning";
  texts["power"] = power_text(device);
  view.classes["power"] = !device.undervoltage      ? ""
                          : *device.undervoltage    ? "critical"
                          : device.was_undervoltage ? "warning"
                                                    : "ok";
  std::array<char, 48> text{};
  // The Pi slows down at 80 degrees.
  const bool hot = device.temperature_c.value_or(0) >= 80;
  std::snprintf(text.data(), text.size(), "%s%.1f °C", hot ? "! " : "", device.temperature_c.value_or(0));
  texts["temperature"] = device.temperature_c ? text.data() : "–";
  view.classes["temperature"] = hot ? "warning" : "";
  texts["memory"] = bytes(device.resident_bytes) + " used, " + bytes(device.memory_available_bytes) +
                    " free of " + bytes(device.memory_total_bytes);
  texts["disk"] = bytes(device.disk_free_bytes) + " free of " + bytes(device.disk_size_bytes) +
                  (device.disk.empty() ? "" : " on " + device.disk);
  const auto days = room_days(status);
  texts["room"] = days ? human_duration(*days * 86400) : "not known yet";
  texts["wear"] = device.log_bytes_per_day ? human_bytes(*device.log_bytes_per_day) + " by the gateway"
                                           : "not known in the first minute";
  if (device.disk_bytes_per_day) texts["wear"] += ", " + human_bytes(*device.disk_bytes_per_day) + " in all";
  texts["flush"] = human_milliseconds(status.log.sync_p99_s);
  const auto* first = first_to_end(status.certificates);
  texts["certificate"] = "– (none is used)";
  view.classes["certificate"] = "";
  if (first != nullptr) {
    const auto left = days_left(*first, status.now_ns);
    texts["certificate"] = (left < 0 ? "✕ ended: "
                                     : (left < 30 ? "! " : "✓ ") +
                                           human_count(static_cast<std::uint64_t>(left)) + " days left: ") +
                           first->what;
    view.classes["certificate"] = left < 0 ? "critical" : left < 30 ? "warning" : "ok";
  }
  texts["uptime"] = age(status.started_ns, status.now_ns);
}

// What sensors, brokers and the configuration call themselves must not turn the text around it, on a page
// neither.
void make_printable(View& view) {
  const auto mend = [](std::string& text) { text = sensors::printable(text); };
  for (auto* texts : {&view.texts, &view.labels})
    for (auto& [id, text] : *texts) mend(text);
  for (auto* rows : {&view.routes, &view.brokers, &view.sources})
    for (auto& row : *rows) std::ranges::for_each(row, mend);
  for (auto& [time, level, text] : view.events) mend(text);
  for (auto& row : view.sensors)
    for (auto* text : {&row.id, &row.state, &row.value, &row.label}) mend(*text);
}

}  // namespace

View make_view(const Status& status, const std::vector<SensorStatus>& sensors) {
  View view;
  const auto say = verdict(status);
  const bool up = std::any_of(status.sources.begin(), status.sources.end(),
                              [](const SourceStatus& source) { return source.up; });
  view.texts["gateway"] = status.gateway_id;
  view.texts["sentence"] = say.sentence;
  view.texts["icon"] = health_icon(say.health);
  view.classes["verdict"] = health_name(say.health);
  const auto arrow = [&](const std::string& id, const std::string& what, bool flows) {
    view.classes[id] = flows ? "flowing" : "broken";
    view.labels[id] = what + (flows ? ": flowing" : ": broken");
  };
  arrow("arrow-in", "sensors to log", status.log.writable && up);
  arrow("arrow-out", "log to Kafka", say.word == "online" || say.word == "catching_up");
  add_numbers(view, status);
  add_sensors(view, status, sensors);
  add_kafka(view, status);
  add_sources(view, status);
  add_device(view, status);
  for (auto event = status.events.rbegin(); event != status.events.rend(); ++event)
    view.events.push_back(
        {sensors::format_time(event->time_ns / 1'000'000'000 * 1'000'000'000), event->level, event->text});
  make_printable(view);
  return view;
}

}  // namespace weather::gateway
