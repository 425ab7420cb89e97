// Simulated stations: for the demonstration, for burn-in, and as an ordinary source. Pure; one thread at a
// time.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "sensors/sink.hpp"

namespace weather::sensors {

struct SimulatorOptions {
  unsigned stations = 3;
  std::uint64_t seed = 1;
  bool flaky = true;      // the second station falls silent now and then and repeats itself
  bool nonsense = false;  // the last station sends every tenth message broken, a different way each time
};

// One message as a station would publish it.
struct SimulatedMessage {
  std::string topic;  // "weather/nairobi/sensor-001"
  std::string
      payload;  // {"id":"sensor-001","temperature":22.5,"humidity":60,"location":"Nairobi","time":...}
};

class Simulator {
 public:
  explicit Simulator(SimulatorOptions options);
  // What the stations send at this moment (unix ns): a daily curve of temperature, the humidity against it,
  // and noise. The same options and the same moments give the same messages.
  std::vector<SimulatedMessage> step(std::int64_t now_ns);

 private:
  struct Station {
    std::string id, location;
    double mean = 20, swing = 6, drift = 0;
    unsigned silent_for = 0;
    std::string last;
  };
  double random();  // [0, 1)
  std::string measure(Station& station, std::int64_t now_ns);
  std::string broken(const std::string& payload);

  SimulatorOptions options_;
  std::mt19937_64 engine_;
  std::vector<Station> stations_;
  std::uint64_t steps_ = 0, broken_ = 0;
};

// Format "json" with every reading marked FLAG_SIMULATED.
Decoded decode_simulated(const Message& message);

}  // namespace weather::sensors
