#include "tests/unit/account/rows.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "sensors/buses/nmea.hpp"
#include "sensors/csv/formats.hpp"
#include "sensors/decoders/registry.hpp"
#include "sensors/lorawan/formats.hpp"
#include "sensors/mapping/formats.hpp"
#include "sensors/reading/render.hpp"

namespace weather::sensors {
namespace {

Decoded decode(const Row& row) {
  Message message;
  message.topic = row.topic;
  message.payload = row.payload;
  message.received_ns = 1'790'000'000'000'000'000;
  if (row.format == "nmea") {
    message.topic = "/dev/ttyUSB0";
    return decode_nmea(message);
  }
  Registry registry;
  add_decoders(registry);
  add_presets(registry);
  add_lorawan(registry);
  add_tables(registry);
  return registry.make(std::string(row.format)).value()(message);
}

std::string seen(const Decoded& decoded) {
  if (!decoded) return "refused: " + decoded.error().reason;
  if (decoded->empty()) return "passed over";
  std::string out;
  for (const auto& reading : *decoded)
    out += (out.empty() ? "" : "\n") + reading.sensor_id() + " " + render_value_json(reading);
  return out;
}

std::vector<Row> all_rows() {
  std::vector<Row> out;
  for (const auto& rows :
       {rows_of_values(), rows_of_names(), rows_of_lost(), rows_of_families(), rows_of_stations()})
    out.insert(out.end(), rows.begin(), rows.end());
  return out;
}

class Rows : public testing::TestWithParam<Row> {};

TEST_P(Rows, ReachKafkaAsTheSensorSaidThem) {
  const auto& row = GetParam();
  EXPECT_EQ(seen(decode(row)), row.right) << row.format << " " << row.topic << " " << row.payload;
}

INSTANTIATE_TEST_SUITE_P(All, Rows, testing::ValuesIn(all_rows()),
                         [](const auto& row) { return std::string(row.param.name); });

// What no single message shows has a test of its own, by this name.
struct Elsewhere {
  std::string_view what, test;
};
constexpr Elsewhere elsewhere[] = {
    {"a battery's level, voltage and low mark are members of the value",
     "Render, WhatASensorSaysAboutItselfIsThereUnlessItIsSwitchedOff"},
    {"quality stands beside a doubtful value in both forms",
     "Encoder, CarriesTraceContextTimeQualityAndBackfill"},
    {"a name stands once in an object", "Render, AMemberOfExtraJsonNeverHasANameThatIsTaken"},
    {"a unit that is not the canonical one stands in the name",
     "Render, AUnitThatIsNotTheCanonicalOneStandsInTheName"},
    {"a time without seconds is understood", "Time, SecondsMayBeMissing"},
    {"a unix time as text is understood", "Json, TheTimeIsTextWithZoneOrAUnixNumber"},
    {"doors: Ambient by GET, Weather Underground by POST, a form without its type",
     "Http, AmbientByGetWundergroundByPostAndAFormWithoutItsTypeAreTaken"},
    {"doors: a path with & for ?", "Push, ConsolesPutTheirFieldsBehindWhateverPathWasTyped"},
    {"doors: LW301 and LW302", "Push, TheBridgesOfOregonScientificAreOneDeviceEach"},
    {"a refused request is one line", "Http, ARefusedRequestIsOneLineWithWhatWasMissingAndNoSecret"},
    {"a console's last line end is no part of its key",
     "Push, AConsolesFormIsItsQueryAndItsBodyWithoutWhatEndsThem"},
    {"an empty payload is passed over and counted", "IngestTest, a_cleared_retained_topic_is_no_dead_letter"},
    {"no two devices share a key", "Identity, OfAConsoleIsOneKeyOverPathsMethodsFirmwareAndBatteries"},
    {"undecoded sentences are counted by name", "Serial, WhatNobodyDecodesIsCountedByItsName"},
};

TEST(RowsElsewhere, EachHasATestOfThisName) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(WEATHER_TESTS)) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".py") continue;
    std::ifstream file(entry.path());
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  for (const auto& [what, test] : elsewhere)
    EXPECT_NE(all.find("(" + std::string(test) + ")"), std::string::npos) << what << ": " << test;
}

}  // namespace
}  // namespace weather::sensors
