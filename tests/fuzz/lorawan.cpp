// Fuzz target: any payload as an event of either LoRaWAN network. First byte: the topic.
#include <array>
#include <cstdint>
#include <string_view>

#include "sensors/lorawan/chirpstack.hpp"
#include "sensors/lorawan/things_stack.hpp"
#include "tests/fuzz/accounts.hpp"
#include "tests/fuzz/readings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::sensors;
  constexpr std::array<std::string_view, 5> topics = {
      "application/a/device/d/event/up", "application/a/device/d/event/status",
      "application/a/device/d/event/location", "v3/a@t/devices/d/up", "v3/a@t/devices/d/location/solved"};
  static ChirpstackDecoder chirpstack;
  static ThingsStackDecoder things_stack;
  if (size == 0) return 0;
  Message message;
  message.topic = topics[data[0] % topics.size()];
  message.payload = {reinterpret_cast<const char*>(data) + 1, size - 1};
  Account account;
  message.account = &account;
  const auto decoded =
      message.topic.starts_with("v3") ? things_stack.decode(message) : chirpstack.decode(message);
  demand_sound(decoded);
  demand(is_accounted(decoded, account, Shape::json, message.payload));
  return 0;
}
