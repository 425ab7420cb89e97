#include "sensors/sources/simulator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sensors/decoders/json.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/letters.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

struct Place {
  const char* name;
  double mean, swing;  // of the air temperature in a day, Cel
};
constexpr Place places[] = {{"Nairobi", 19, 6}, {"Kisumu", 23, 5},  {"Mombasa", 27, 3},
                            {"Eldoret", 17, 6}, {"Nakuru", 18, 7},  {"Lodwar", 30, 5},
                            {"Garissa", 29, 5}, {"Kericho", 17, 5}, {"Marsabit", 20, 4}};

constexpr double ns_per_hour = 3.6e12;

std::string station_id(std::size_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
  return "sensor-" + digits;
}

double rounded(double value, double step) {
  return round_significant(std::round(value / step) * step, 12);
}

}  // namespace

Simulator::Simulator(SimulatorOptions options) : options_(options), engine_(options.seed) {
  for (unsigned i = 0; i < options.stations; ++i) {
    const Place& place = places[i % std::size(places)];
    stations_.push_back({station_id(i + 1), place.name, place.mean, place.swing, 0, 0, {}});
  }
}

// Not std::uniform_real_distribution: its numbers differ between standard libraries.
double Simulator::random() {
  return std::ldexp(static_cast<double>(engine_() >> 11U), -53);
}

std::string Simulator::measure(Station& station, std::int64_t now_ns) {
  // Coldest at three, warmest at fifteen hours UTC; the drift is the weather of the day.
  const double hour = std::fmod(static_cast<double>(now_ns) / ns_per_hour, 24);
  const double curve = std::sin((hour - 9) / 12 * std::numbers::pi);
  station.drift = std::clamp(station.drift + (random() - 0.5) * 0.1, -4.0, 4.0);
  const double temperature = station.mean + station.swing * curve + station.drift + (random() - 0.5) * 0.4;
  const double humidity = std::clamp(65 - 22 * curve - 3 * station.drift + (random() - 0.5) * 2, 5.0, 100.0);
  std::string out = R"({"id":)";
  append_json_string(out, station.id);
  out += R"(,"temperature":)";
  append_number(out, rounded(temperature, 0.1));
  out += R"(,"humidity":)";
  append_number(out, rounded(humidity, 1));
  out += R"(,"location":)";
  append_json_string(out, station.location);
  out += R"(,"time":")" + format_time(now_ns) + "\"}";
  return out;
}

std::string Simulator::broken(const std::string& payload) {
  switch (broken_++ % 5) {
    case 0:
      return payload.substr(0, payload.size() / 2);
    case 1:
      return "nan";
    case 2:
      return R"({"temperature":nan,"humidity":nan})";
    case 3:
      return "\xff\xfe\x01garbage";
    default:
      return "";
  }
}

std::vector<SimulatedMessage> Simulator::step(std::int64_t now_ns) {
  std::vector<SimulatedMessage> messages;
  ++steps_;
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    Station& station = stations_[i];
    const std::string topic = "weather/" + lower(station.location) + '/' + station.id;
    std::string payload = measure(station, now_ns);
    const bool flaky = options_.flaky && i == 1;
    if (flaky && station.silent_for > 0) {
      --station.silent_for;
      continue;
    }
    if (flaky && random() < 0.02) station.silent_for = 1 + static_cast<unsigned>(random() * 20);
    if (flaky && random() < 0.05 && !station.last.empty()) messages.push_back({topic, station.last});
    if (options_.nonsense && i + 1 == stations_.size() && steps_ % 10 == 0) payload = broken(payload);
    station.last = payload;
    messages.push_back({topic, std::move(payload)});
  }
  return messages;
}

Decoded decode_simulated(const Message& message) {
  auto readings = decode_json(message);
  if (!readings) return readings;
  for (auto& reading : *readings) {
    reading.mutable_source()->set_adapter("simulator");
    reading.set_flags(reading.flags() | v1::FLAG_SIMULATED);
  }
  return readings;
}

}  // namespace weather::sensors
