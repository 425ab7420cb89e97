#include "gateway/commands/top_view.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/json/value.hpp>

#include "gateway/cli/progress.hpp"
#include "gateway/status/status.hpp"
#include "sensors/decoders/json_document.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

double number(const json::value& value) {
  return value.is_number() ? value.to_number<double>() : 0;
}

std::string text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : "";
}

std::string padded(std::string word, std::size_t width) {
  if (word.size() > width) word.resize(width);
  return word + std::string(width - word.size(), ' ');
}

std::string rate(double now, double before, double seconds) {
  if (before < 0 || now < before || seconds <= 0) return "-";
  std::array<char, 32> digits{};
  const double per_second = (now - before) / seconds;
  std::snprintf(digits.data(), digits.size(), per_second < 10 ? "%.1f/s" : "%.0f/s", per_second);
  return digits.data();
}

// Cut between characters of UTF-8, not inside one.
std::string cut(std::string line, std::size_t width) {
  std::size_t columns = 0, at = 0;
  while (at < line.size() && columns < width) {
    ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U) ++at;
    ++columns;
  }
  line.resize(at);
  return line;
}

const char* color_of(std::string_view state) {
  if (state == "ok" || state == "online") return "\x1b[32m";
  if (state == "late" || state == "warning" || state == "catching_up" || state == "offline" ||
      state == "paused")
    return "\x1b[33m";
  return "\x1b[31m";
}

// The worst first; among equals by name.
int badness(const json::value& sensor) {
  const auto state = text(sensor.at("state"));
  return state == "rejecting" ? 0 : state == "silent" ? 1 : state == "late" ? 2 : 3;
}

std::string value_of(const json::object& sensor) {
  if (const auto* error = sensor.if_contains("error")) return "cannot be read: " + text(*error);
  std::string value;
  if (const auto* given = sensor.if_contains("value")) sensors::append_json(value, *given);
  return value;
}

std::string sensor_line(const json::value& sensor) {
  const auto& fields = sensor.as_object();
  return padded(text(fields.at("id")), 28) + " " + padded(text(fields.at("state")), 9) + " " +
         padded(human_duration(number(fields.at("age_seconds"))), 11) + " " + value_of(fields);
}

}  // namespace

TopBefore top_counts(const json::value& status) {
  TopBefore counts{0, 0, 1};
  for (const auto& source : status.at("sources").as_array()) counts.readings += number(source.at("readings"));
  for (const auto& route : status.at("kafka").as_array()) counts.delivered += number(route.at("delivered"));
  return counts;
}

std::vector<std::string> top_screen(const json::value& status, const json::value& sensors,
                                    const TopBefore& before, const TopOptions& options) {
  std::vector<std::string> lines;
  const auto paint = [&](std::string line, std::string_view state) {
    line = cut(weather::sensors::printable(line), options.width);
    if (options.color) line = color_of(state) + line + "\x1b[0m";
    lines.push_back(std::move(line));
  };
  const auto plain = [&](std::string line) {
    lines.push_back(cut(weather::sensors::printable(line), options.width));
  };
  const auto now = top_counts(status);
  const auto& log = status.at("log");
  paint(text(status.at("verdict")), text(status.at("health")));
  plain(text(status.at("gateway").at("id")) + ", up " +
        human_duration(number(status.at("gateway").at("uptime_seconds"))) + ", clock " +
        text(status.at("gateway").at("clock")));
  plain("");
  plain("in " + rate(now.readings, before.readings, before.seconds) + "   unsent " +
        human_count(static_cast<std::uint64_t>(number(status.at("unsent")))) + "   out " +
        rate(now.delivered, before.delivered, before.seconds) + "   log " +
        human_bytes(number(log.at("size_bytes"))) + " of " + human_bytes(number(log.at("max_bytes"))));
  for (const auto& source : status.at("sources").as_array()) {
    const bool up = source.at("up").as_bool();
    paint("source  " + padded(text(source.at("name")), 32) + " " + (up ? "up" : text(source.at("reason"))),
          up ? "ok" : "offline");
  }
  for (const auto& route : status.at("kafka").as_array())
    paint("kafka   " + padded(text(route.at("topic")), 32) + " " + text(route.at("state")) +
              (text(route.at("reason")).empty() ? "" : ": " + text(route.at("reason"))),
          text(route.at("state")));
  plain("");
  plain(padded("SENSOR", 28) + " " + padded("STATE", 9) + " " + padded("AGE", 11) + " VALUE");
  auto list = sensors.at("sensors").as_array();
  std::stable_sort(list.begin(), list.end(),
                   [](const json::value& a, const json::value& b) { return badness(a) < badness(b); });
  for (const auto& sensor : list) paint(sensor_line(sensor), text(sensor.at("state")));
  const auto most = options.height > 1 ? options.height - 1 : 1;
  if (lines.size() > most) {
    const auto left = lines.size() - most + 1;
    lines.resize(most - 1);
    plain("... and " + std::to_string(left) + " more; `weather-gateway sensors` lists all");
  }
  return lines;
}

}  // namespace weather::gateway
