// Fuzz target: any bytes through every decoder. The first byte chooses the decoder. It aborts if a reading
// has no sensor, cannot be read back from the log, is rendered as anything but JSON, or if a field of it
// stands in no account or in two, and if an error says nothing.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sensors/csv/campbell.hpp"
#include "sensors/decoders/ecowitt.hpp"
#include "sensors/decoders/json.hpp"
#include "sensors/decoders/json_document.hpp"
#include "sensors/decoders/rtl_433.hpp"
#include "sensors/decoders/senml.hpp"
#include "sensors/decoders/tempest.hpp"
#include "sensors/decoders/weatherlink.hpp"
#include "sensors/decoders/wunderground.hpp"
#include "sensors/http/push.hpp"
#include "sensors/quality/stage.hpp"
#include "sensors/reading/render.hpp"
#include "tests/fuzz/accounts.hpp"
#include "tests/fuzz/readings.hpp"

namespace {

using namespace weather::sensors;

Decoded decode(char choice, const Message& message) {
  switch (choice) {
    case 'r':
      return rtl_433_decoder()(message);
    case 'e':
      return decode_ecowitt(message);
    case 'w':
      return decode_wunderground(message);
    case 's':
      return decode_senml(message);
    case 't':
      return decode_tempest(message);
    case 'c':
      return CampbellDecoder(CsvTimeFormat{}).decode(message);
    case 'l':
      return decode_weatherlink(message);
    case 'n':
      return decode_push(PushType::ndjson, message);
    default:
      return decode_json(message);
  }
}

void check(Reading reading) {
  demand(!reading.sensor_id().empty());
  static Stage stage({.rain_delta = true, .dew_point = true});
  stage.apply(reading, 1);
  Reading copy;
  demand(copy.ParseFromString(reading.SerializeAsString()));
  for (const auto units : {UnitSystem::as_stored, UnitSystem::metric, UnitSystem::imperial}) {
    RenderOptions options;
    options.units = units;
    const std::string json = render_value_json(reading, options);
    const auto read = JsonDocument::parse(json);
    demand(read || read.error().reason == "too_large" || read.error().reason == "duplicate_key");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Message message;
  message.topic = "weather/sensor-001";
  message.payload = {reinterpret_cast<const char*>(data) + 1, size - 1};
  message.received_ns = 1'758'349'800'000'000'000;
  const auto choice = static_cast<char>(chosen(data[0]));
  Account account;
  message.account = &account;
  const auto readings = decode(choice, message);
  const auto shape = choice == 'e' || choice == 'w' ? Shape::form : Shape::json;
  demand(choice == 'n' || is_accounted(readings, account, shape, message.payload));
  if (readings) {
    for (const auto& reading : *readings) check(reading);
  } else {
    demand(!readings.error().reason.empty() && !readings.error().text.empty());
    demand(is_utf8(readings.error().text));
  }
  return 0;
}
