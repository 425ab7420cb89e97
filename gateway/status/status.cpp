#include "gateway/status/status.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "bridge/log/counted.hpp"
#include "bridge/options/duration_text.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {

using bridge::RouteState;
using sensors::printable;

std::uint64_t unsent_records(const Status& status) {
  std::uint64_t most = 0;
  for (const auto& route : status.kafka.routes) most = std::max(most, route.waiting);
  return most;
}

std::int64_t oldest_unsent_ns(const Status& status) {
  std::int64_t oldest = 0;
  for (const auto& route : status.kafka.routes)
    if (route.oldest_waiting_ns != 0 && (oldest == 0 || route.oldest_waiting_ns < oldest))
      oldest = route.oldest_waiting_ns;
  return oldest;
}

// The log holds `durable - first + 1` records in `bytes`, whatever became of
// them.
std::uint64_t unsent_bytes(const Status& status) {
  const auto unsent = unsent_records(status);
  if (unsent == 0 || status.log.durable < status.log.first) return 0;
  const double held = static_cast<double>(status.log.durable - status.log.first + 1);
  return static_cast<std::uint64_t>(static_cast<double>(status.log.bytes) *
                                    std::min(1.0, static_cast<double>(unsent) / held));
}

std::optional<double> room_days(const Status& status) {
  return days_until_full(status.device, status.log.max_bytes, unsent_bytes(status));
}

std::string human_duration(double seconds) {
  return bridge::duration_text(std::chrono::seconds(std::llround(std::max(0.0, seconds))));
}

std::string human_milliseconds(double seconds) {
  if (seconds <= 0) return "–";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), seconds < 0.1 ? "%.1f ms" : "%.0f ms", seconds * 1000);
  return text.data();
}

std::string sensor_state(const SensorStatus& sensor, std::int64_t now_ns) {
  if (sensor.silent) return "silent";
  if (!sensor.error.empty()) return "rejecting";
  if (sensor.interval_s <= 0) return "ok";  // heard of once: no usual interval yet
  const double age_s = static_cast<double>(now_ns - sensor.last_ns) / 1e9,
               usual = std::max(sensor.interval_s, 5.0);
  return age_s > 3 * usual ? "late" : "ok";
}

std::string human_count(std::uint64_t number) {
  const auto digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

namespace {

// " 3 min ago"; empty for a time that is not known.
std::string ago(std::int64_t then_ns, std::int64_t now_ns) {
  if (then_ns == 0) return {};
  return " " + human_duration(static_cast<double>(std::max<std::int64_t>(now_ns - then_ns, 0)) / 1e9) +
         " ago";
}

// "; 2 sensors are silent: cellar, roof"
std::string silent_text(const std::vector<std::string>& silent) {
  constexpr std::size_t most_named = 3;
  std::string text = silent.size() == 1 ? "; 1 sensor is silent: "
                                        : "; " + human_count(silent.size()) + " sensors are silent: ";
  for (std::size_t i = 0; i < silent.size() && i < most_named; ++i) text += (i == 0 ? "" : ", ") + silent[i];
  return text + (silent.size() > most_named ? " and others" : "");
}

std::string waiting_text(const Status& status) {
  const auto waiting = unsent_records(status);
  if (waiting == 0) return "nothing waits";
  const auto oldest = oldest_unsent_ns(status);
  std::string text = human_count(waiting) + ' ' + log::plural(waiting, "reading") + " kept";
  if (oldest != 0)
    text += ", the oldest for " + human_duration(static_cast<double>(status.now_ns - oldest) / 1e9);
  if (const auto days = room_days(status))
    text += ", room for " +
            (*days < 1 ? human_duration(*days * 86400)
                       : human_count(static_cast<std::uint64_t>(*days)) + (*days < 2 ? " day" : " days"));
  return text;
}

Verdict verdict_of_flow(const Status& status) {
  if (!status.log.writable)
    return {Health::critical, "degraded",
            "Not storing: " + status.log.reason + "; nothing is acknowledged until the card works again"};
  const auto& reason = status.kafka.reason;
  const auto because = reason.empty() ? std::string() : " (" + reason + ")";
  switch (status.kafka.state) {
    case RouteState::online:
      return {Health::ok, "online", "Online: readings go to Kafka as they come"};
    case RouteState::catching_up: {
      double eta = 0, rate = 0;
      for (const auto& route : status.kafka.routes) {
        eta = std::max(eta, route.eta_s);
        rate += route.records_per_s;
      }
      auto sentence = "Catching up: " + human_count(unsent_records(status)) + " left, " +
                      human_count(static_cast<std::uint64_t>(rate)) + "/s";
      if (eta > 0) sentence += ", about " + human_duration(eta);
      return {Health::ok, "catching_up", sentence};
    }
    case RouteState::offline:
      return {Health::warning, "offline", "Offline" + because + ": " + waiting_text(status)};
    case RouteState::blocked:
      return {Health::critical, "blocked", "Blocked" + because + ": " + waiting_text(status)};
    case RouteState::holding:
      return {Health::ok, "holding", "As configured, " + reason + ": " + waiting_text(status)};
    case RouteState::paused:
      return {Health::warning, "paused", "Paused by command: " + waiting_text(status)};
  }
  return {};
}

std::string downlink_line(const DownlinkStatus& downlink) {
  if (!downlink.on) return {};
  std::string text = "downlink " + (downlink.doing.empty() ? "listening" : printable(downlink.doing)) + ": " +
                     human_count(downlink.taken) + " taken";
  for (const auto& [reason, count] : downlink.refused)
    if (count != 0) text += ", " + human_count(count) + " " + std::string(reason);
  if (!downlink.drop_ins.empty())
    text +=
        "; " + human_count(downlink.drop_ins.size()) + ' ' + log::plural(downlink.drop_ins.size(), "drop-in");
  if (!downlink.trouble.empty()) text += "; " + printable(downlink.trouble);
  return text + "\n";
}

}  // namespace

Verdict verdict(const Status& status) {
  auto result = verdict_of_flow(status);
  if (status.silent_sensors.empty()) return result;
  result.sentence += silent_text(status.silent_sensors);
  if (result.health == Health::ok) result.health = Health::warning;
  return result;
}

std::string status_line(const Status& status) {
  const auto silent = status.silent_sensors.size();
  return verdict(status).word + ", " + std::to_string(unsent_records(status)) + " unsent, " +
         log::counted(status.sensors, "sensor") +
         (silent == 0 ? "" : ", " + std::to_string(silent) + " silent");
}

std::string to_text(const Status& status) {
  const auto say = verdict(status);
  std::string text = printable(say.sentence) + "\n\n";
  text += "gateway  " + printable(status.gateway_id) + ", up " +
          human_duration(static_cast<double>(status.now_ns - status.started_ns) / 1e9) + ", clock " +
          status.clock + "\n";
  if (const auto* first = first_to_end(status.certificates)) {
    const auto days = days_left(*first, status.now_ns);
    text += "tls      " + printable(first->what) +
            (days < 0 ? " has ended" : ", " + std::to_string(days) + " days left") + "\n";
  }
  for (const auto& token : status.tokens) text += "token    " + printable(oauth::describe(token)) + "\n";
  for (const auto& source : status.sources) {
    text += "source   " + printable(source.name) +
            (source.up ? ": " : " (" + printable(source.reason) + "): ") +
            human_count(source.counters.readings) + ' ' + log::plural(source.counters.readings, "reading");
    if (source.counters.duplicates != 0)
      text += ", " + human_count(source.counters.duplicates) + ' ' +
              log::plural(source.counters.duplicates, "repeat") + " dropped";
    if (source.counters.passed_over != 0)
      text += ", " + human_count(source.counters.passed_over) + ' ' +
              log::plural(source.counters.passed_over, "message") + " without weather passed over";
    for (const auto& [name, count] : source.not_decoded)
      text += (name == source.not_decoded.begin()->first ? ", not decoded: " : ", ") + human_count(count) +
              " " + printable(name);
    if (source.counters.ignored != 0)
      text += ", " + human_count(source.counters.ignored) + " of ignored sensors dropped";
    if (source.counters.foreign != 0)
      text += ", " + human_count(source.counters.foreign) + " of another user's sensors refused";
    for (const auto& [why, count] : source.counters.undecodable)
      text += ", " + human_count(count) + " " + printable(why);
    text += "\n";
  }
  if (!status.page_reason.empty()) text += "page     not yet: " + printable(status.page_reason) + "\n";
  if (!status.silent_sensors.empty()) {
    text += "silent   ";
    for (const auto& id : status.silent_sensors)
      text += (&id == &status.silent_sensors.front() ? "" : ", ") + printable(id);
    text += "\n";
  }
  text += "log      " + human_count(status.log.durable) + " stored, " + human_count(unsent_records(status)) +
          " unsent, " + human_count(status.log.bytes >> 20U) + " of " +
          human_count(status.log.max_bytes >> 20U) + " MiB";
  const auto dropped = status.log.dropped_oldest + status.log.dropped_newest;
  if (dropped != 0) text += ", " + human_count(dropped) + " dropped because it was full";
  if (status.log.lost != 0) text += ", " + human_count(status.log.lost) + " lost by the card";
  text += "\n";
  for (const auto& route : status.kafka.routes) {
    text += "kafka    " +
            printable((status.kafka.routes.size() > 1 ? route.name + " to " : "") + route.topic) + ": " +
            std::string(bridge::to_string(route.state)) + ", " + human_count(route.delivered) + " delivered";
    if (route.dead_lettered != 0)
      text += ", " + human_count(route.dead_lettered) + ' ' + log::plural(route.dead_lettered, "dead letter");
    if (route.dropped != 0) text += ", " + human_count(route.dropped) + " lost";
    if (!route.last_error.empty())
      text += "; last error" + ago(route.last_error_ns, status.now_ns) + ": " + printable(route.last_error);
    text += "\n";
    for (const auto& warning : route.warnings) text += "         " + printable(warning) + "\n";
  }
  return text + downlink_line(status.downlink);
}

}  // namespace weather::gateway
