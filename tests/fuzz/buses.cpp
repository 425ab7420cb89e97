// Fuzz target: what comes from a serial line, a 1-Wire file and a Ruuvi tag. First byte: which.
#include <cstdint>
#include <string_view>

#include "sensors/buses/nmea.hpp"
#include "sensors/buses/one_wire.hpp"
#include "sensors/mapping/ruuvi.hpp"
#include "tests/fuzz/accounts.hpp"
#include "tests/fuzz/readings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::sensors;
  if (size == 0) return 0;
  const auto choice = chosen(data[0]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (choice % 3 == 0) {
    Message message;
    message.topic = "/dev/ttyUSB0";
    message.payload = text;
    Account account;
    message.account = &account;
    const auto decoded = decode_nmea(message, {.fixed_mast = (choice & 4) != 0});
    demand_sound(decoded);
    demand(is_accounted(decoded, account, Shape::nmea, text));
  } else if (choice % 3 == 1) {
    const auto sample = parse_w1_slave(text);
    demand(sample ? std::isfinite(sample->celsius) : !text_of(sample.error()).empty());
  } else {
    const auto leaves = parse_ruuvi(text);
    demand(leaves ? leaves->size() >= 7 && leaves->size() <= 14 : !leaves.error().empty());
  }
  return 0;
}
