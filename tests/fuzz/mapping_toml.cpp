// Fuzz target: any text as a user's mappings; what is accepted must decode without harm.
#include <cstdint>
#include <string_view>

#include "sensors/mapping/toml.hpp"
#include "tests/fuzz/readings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::sensors;
  if (size > 4096) return 0;
  auto mappings = mappings_from_text({reinterpret_cast<const char*>(data), size});
  if (!mappings) {
    demand(!mappings.error().empty() && !mappings.error().front().text.empty());
    return 0;
  }
  Mapper mapper(std::move(*mappings));
  Message message;
  message.topic = "tele/roof/SENSOR";
  message.payload = R"({"a":{"temperature":22.5,"Temperature":"1"},"b":[null,true,"nan"],"time":1758349800})";
  demand_sound(mapper.decode(message));
  demand(!mapper.explain(message).empty());
  mapper.mqtt_filters();
  return 0;
}
