#include "gateway/web/view.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "bridge/log/counted.hpp"
#include "gateway/output/progress.hpp"
#include "gateway/status/shown_value.hpp"
#include "gateway/web/sensor_page.hpp"
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

// A number and what it is of: {"30", "a second"}, {"1.2", "a minute"}.
std::array<std::string, 2> rate_text(double per_second) {
  const bool slow = per_second < 0.95;
  const double rate = slow ? per_second * 60 : per_second;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), rate < 9.95 && rate != 0 ? "%.1f" : "%.0f", rate);
  return {text.data(), slow && rate != 0 ? "a minute" : "a second"};
}

std::string bytes(const std::optional<std::uint64_t>& count) {
  return count ? human_bytes(static_cast<double>(*count)) : std::string("–");
}

// "26 to 50 of 300"
std::string which_rows(const SensorList& list, const SensorAsk& ask, std::size_t all) {
  if (all == 0) return "no sensor has been heard of yet";
  if (list.found == 0) return "no sensor is like that";
  const bool some = !ask.find.empty() || !ask.state.empty();
  if (list.pages == 1) return some ? human_count(list.found) + " of " + human_count(all) : std::string();
  return human_count(list.first) + " to " + human_count(list.first + list.rows.size() - 1) + " of " +
         human_count(list.found) + (some ? " that match" : "");
}

void add_pager(View& view, const SensorList& list) {
  const auto link = [&](const std::string& text, std::size_t page) {
    auto ask = view.ask;
    ask.page = page;
    view.pager.push_back({text, address_of(ask)});
  };
  if (list.page > 1) link("← page " + std::to_string(list.page - 1), list.page - 1);
  if (list.page < list.pages) link("page " + std::to_string(list.page + 1) + " →", list.page + 1);
}

void add_sensors(View& view, const Status& status, const std::vector<SensorStatus>& sensors) {
  constexpr std::size_t most_values = 4;
  const auto list = list_sensors(sensors, status.now_ns, view.ask);
  for (const auto& [sensor, state] : list.rows) {
    const auto words = state_words(state);
    view.sensors.push_back({sensor->id, words.text, words.class_name, value_line(*sensor, most_values),
                            age(sensor->last_ns, status.now_ns), sparkline_points(sensor->recent),
                            sparkline_label(*sensor), sensor_address(sensor->id), sparkline_scale(*sensor)});
  }
  std::string summary = human_count(sensors.size()) + ' ' + log::plural(sensors.size(), "sensor");
  for (const auto* name : {"rejecting", "silent", "late"})
    if (const auto count = list.states.find(name); count != list.states.end())
      summary += ", " + human_count(count->second) + " " + name;
  view.texts["sensor-count"] = summary;
  view.texts["more"] = which_rows(list, view.ask, sensors.size());
  add_pager(view, list);
}

void add_numbers(View& view, const Status& status) {
  std::uint64_t delivered = 0, lost = status.log.lost + status.log.dropped_newest;
  double rate = status.delivered_per_s, catching_up = 0;
  for (const auto& route : status.kafka.routes) {
    delivered += route.delivered;
    lost += route.dead_lettered + route.dropped;
    if (route.state == bridge::RouteState::catching_up) catching_up += route.records_per_s;
  }
  if (catching_up > 0) rate = catching_up;  // then people watch it change
  auto& texts = view.texts;
  const auto in = rate_text(status.received_per_s), out = rate_text(rate);
  texts["rate-in"] = in[0];
  texts["rate-in-of"] = in[1] + " in";
  texts["rate-out"] = out[0];
  texts["rate-out-of"] = out[1] + " out";
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

// Why it is as it is, and the last error, unless one says the other.
std::string what_it_says(const bridge::RouteStatus& route) {
  const auto& [reason, error] = std::pair(route.reason, route.last_error);
  if (error.empty() || reason.find(error) != std::string::npos) return reason.empty() ? "–" : reason;
  if (reason.empty() || error.find(reason) != std::string::npos) return "last error: " + error;
  return reason + "; last error: " + error;
}

void add_kafka(View& view, const Status& status) {
  for (const auto& route : status.kafka.routes) {
    view.routes.push_back({route.topic, std::string(bridge::to_string(route.state)),
                           human_count(route.waiting), human_milliseconds(route.delivery_p99_s),
                           what_it_says(route)});
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
    for (auto* text : {&row.id, &row.state, &row.value, &row.label, &row.scale}) mend(*text);
  mend(view.ask.find);
  for (auto& [text, address] : view.ignored) mend(text);
}

}  // namespace

StateWords state_words(const std::string& state) {
  if (state == "rejecting") return {"✕ rejecting", "critical"};
  if (state == "silent") return {"✕ silent", "critical"};
  if (state == "late") return {"! late", "warning"};
  return {"✓ ok", "ok"};
}

View make_view(const Status& status, const std::vector<SensorStatus>& sensors, const SensorAsk& ask) {
  View view;
  view.ask = ask;
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
  for (const auto& id : status.ignored_sensors) view.ignored.push_back({id, sensor_address(id)});
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
