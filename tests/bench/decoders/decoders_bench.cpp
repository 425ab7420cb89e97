// What a decoded message costs on one core. Goal: 200,000 rtl_433 events in a second.
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include <benchmark/benchmark.h>

#include "sensors/decoders/ecowitt.hpp"
#include "sensors/decoders/json.hpp"
#include "sensors/decoders/rtl_433.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/mapping/toml.hpp"
#include "sensors/quality/stage.hpp"
#include "sensors/reading/render.hpp"

namespace {
std::uint64_t allocations = 0;
}

// Counted, to see what a field costs that nobody knows.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

using namespace weather::sensors;

constexpr std::string_view fine_offset =
    R"({"time":"2026-11-22T14:16:00.053193Z","model":"Fineoffset-WHx080","subtype":0,"id":133,"battery_ok":1,)"
    R"("temperature_C":5.9,"humidity":95,"wind_dir_deg":315,"wind_avg_km_h":1.224,"wind_max_km_h":2.448,)"
    R"("rain_mm":335.1,"mic":"CRC"})";
constexpr std::string_view acurite =
    R"({"time":"2026-11-22T14:16:00.053193Z","model":"Acurite-5n1","message_type":49,"id":839,"channel":"A",)"
    R"("sequence_num":0,"battery_ok":1,"wind_avg_km_h":4.311,"wind_dir_deg":337.5,"rain_in":0.66,"mic":"CHECKSUM"})";
constexpr std::string_view ecowitt =
    "PASSKEY=sha256:01234567&stationtype=GW2000A_V3.1.5&runtime=19&dateutc=2024-10-03+19:42:19"
    "&tempinf=71.78&humidityin=59&baromrelin=30.035&baromabsin=29.394&tempf=51.44&humidity=76&winddir=181"
    "&windspeedmph=1.79&windgustmph=4.25&maxdailygust=12.75&solarradiation=0.00&uv=0&rrain_piezo=0.000"
    "&drain_piezo=0.000&yrain_piezo=23.264&ws90cap_volt=5.0&wh90batt=3.04&freq=868M&model=GW2000A&interval="
    "16";
constexpr std::string_view article =
    R"({"key":"sensor-001","value":{"temperature":22.5,"humidity":60,"location":"Nairobi"},)"
    R"("timestamp":"2025-09-20T06:30:00Z","headers":{"source":"weather-station","unit":"metric"}})";

constexpr std::string_view uplink =
    R"({"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d","time":"2026-11-22T14:16:00.053193Z",)"
    R"("deviceInfo":{"tenantName":"t","applicationName":"weather","deviceProfileName":"p","deviceName":"roof",)"
    R"("devEui":"0101010101010101","tags":{"place":"roof"}},"devAddr":"00189440","dr":1,"fCnt":87,"fPort":1,)"
    R"("data":"qg==","object":{"temperature":21.4,"humidity":55,"barometric_pressure":1013.2,"wind_speed":3.2,)"
    R"("wind_direction":270,"rain_gauge":1.2,"battery":98},"rxInfo":[{"gatewayId":"0016c001f153a14c","rssi":-36,)"
    R"("snr":10.5}],"txInfo":{"frequency":867100000}})";
constexpr std::string_view theengs =
    R"({"id":"A4:C1:38:00:00:00","name":"LYWSD03MMC","rssi":-71,"brand":"Xiaomi","model":"LYWSD03MMC/MJWSD05MMC",)"
    R"("model_id":"LYWSD03MMC","type":"THB","tempc":22.5,"tempf":72.5,"hum":45,"batt":90,"volt":2.9})";

void run(benchmark::State& state, const Decoder& decode, std::string_view payload,
         std::string_view topic = "rtl_433/pi/events") {
  Message message;
  message.topic = topic;
  message.payload = payload;
  const auto before = allocations;
  for (auto _ : state) {
    auto readings = decode(message);
    benchmark::DoNotOptimize(readings);
  }
  state.counters["allocations"] =
      static_cast<double>(allocations - before) / static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations());
}

// A window of nothing: each event is hashed as ever, and kept.
void rtl_433_fine_offset(benchmark::State& state) {
  run(state, rtl_433_decoder(std::chrono::nanoseconds(0)), fine_offset);
}
void rtl_433_acurite(benchmark::State& state) {
  run(state, rtl_433_decoder(std::chrono::nanoseconds(0)), acurite);
}
void rtl_433_repeat(benchmark::State& state) {
  run(state, rtl_433_decoder(), fine_offset);
}
// The same event and this many fields nobody knows, numbers and texts.
void rtl_433_unknown_fields(benchmark::State& state) {
  std::string payload(fine_offset.substr(0, fine_offset.size() - 1));
  for (std::int64_t i = 0; i < state.range(0); ++i)
    payload +=
        ",\"unheard_of_" + std::to_string(i) + (i % 2 == 0 ? "\":17.25" : "\":\"some text of a sensor\"");
  run(state, rtl_433_decoder(std::chrono::nanoseconds(0)), payload + "}");
}
void json_article(benchmark::State& state) {
  run(state, decode_json, article);
}
void ecowitt_console(benchmark::State& state) {
  run(state, decode_ecowitt, ecowitt);
}

void chirpstack_uplink(benchmark::State& state) {
  const auto decode = chirpstack_decoder({});
  run(
      state,
      [&](const Message& message) {
        Message once = message;
        once.again = true;  // the same payload is no repeat here
        return decode(once);
      },
      uplink, "application/1/device/0101010101010101/event/up");
}
void theengs_sensor(benchmark::State& state) {
  const auto decode = mapping_decoder(*mappings_from_text("[[mapping]]\npreset = \"openmqttgateway\"\n"));
  run(state, decode, theengs, "home/g/BTtoMQTT/A4C138000000");
}

void quality_stage(benchmark::State& state) {
  Message message;
  message.payload = fine_offset;
  auto reading = rtl_433_decoder()(message).value().at(0);
  Stage stage({});
  for (auto _ : state) {
    stage.apply(reading, 1);
    benchmark::DoNotOptimize(reading);
  }
  state.SetItemsProcessed(state.iterations());
}

void render(benchmark::State& state) {
  Message message;
  message.payload = article;
  const auto reading = decode_json(message).value().at(0);
  for (auto _ : state) benchmark::DoNotOptimize(render_value_json(reading));
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

BENCHMARK(rtl_433_fine_offset);
BENCHMARK(rtl_433_acurite);
BENCHMARK(rtl_433_repeat);
BENCHMARK(rtl_433_unknown_fields)->Arg(0)->Arg(8)->Arg(64);
BENCHMARK(json_article);
BENCHMARK(ecowitt_console);
BENCHMARK(chirpstack_uplink);
BENCHMARK(theengs_sensor);
BENCHMARK(quality_stage);
BENCHMARK(render);
BENCHMARK_MAIN();
