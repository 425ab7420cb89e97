// Fuzz target: a conversation of edge nodes: each message a byte for its topic, two for its length, and its
// payload.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "sensors/sparkplug/host.hpp"
#include "tests/fuzz/readings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::sensors;
  constexpr std::array<std::string_view, 8> topics = {
      "spBv1.0/g/NBIRTH/n",  "spBv1.0/g/NDATA/n",    "spBv1.0/g/NDEATH/n", "spBv1.0/g/DBIRTH/n/d",
      "spBv1.0/g/DDATA/n/d", "spBv1.0/g/DDEATH/n/d", "spBv1.0/g/NDATA/m",  "spBv1.0/g/NCMD/n"};
  SparkplugOptions options;
  options.max_nodes = 2;
  options.max_metrics = 16;
  SparkplugHost host(options);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 3) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
    const std::size_t length = std::min<std::size_t>(byte(1) * 256U + byte(2), rest.size() - 3);
    Message message;
    message.topic = topics[byte(0) % topics.size()];
    message.payload = rest.substr(3, length);
    demand_sound(host.decode(message));
    rest.remove_prefix(3 + length);
  }
  demand(host.take_publications().size() <= 64 + size);
  return 0;
}
