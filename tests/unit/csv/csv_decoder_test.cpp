#include "sensors/csv/csv_decoder.hpp"

#include <gtest/gtest.h>

#include "sensors/account.hpp"
#include "sensors/csv/formats.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/time.hpp"

namespace weather::sensors {
namespace {

Decoder make(const char* format, const DecoderSettings& settings) {
  Registry registry;
  add_tables(registry);
  auto decoder = registry.make(format, settings);
  if (!decoder) throw std::runtime_error(decoder.error());
  return *decoder;
}

std::string refusal(const char* format, const DecoderSettings& settings) {
  Registry registry;
  add_tables(registry);
  const auto decoder = registry.make(format, settings);
  return decoder ? "" : decoder.error();
}

Message line(std::string_view text, std::string_view head = {}) {
  Message message;
  message.payload = text;
  message.heading = head;
  return message;
}

// "id time: name=value unit, ...", or "-", or "!reason".
std::string said(const Decoder& decode, std::string_view text, std::string_view head = {}) {
  const auto readings = decode(line(text, head));
  if (!readings) return "!" + readings.error().reason;
  std::string out;
  for (const auto& reading : *readings) {
    out += reading.sensor_id() + " " +
           (reading.event_time_ns() > 0 ? format_time(reading.event_time_ns()) : "now") + ":";
    for (const auto& quantity : reading.quantities()) {
      double value = 0;
      out += " " + quantity.name() + "=" +
             (quantity.quality() == v1::QUALITY_MISSING ? "missing"
              : numeric_value(quantity, value)          ? format_number(value)
                                                        : "?");
    }
    out += reading.extra_json();
  }
  return out.empty() ? "-" : out;
}

TEST(Csv, TheHeadingNamesTheColumns) {
  const auto decode = make("csv", {{"id", "roof"}, {"zone", "UTC"}});
  EXPECT_EQ(said(decode, "\xEF\xBB\xBFtime,temp_c,RH,Wind Speed (km/h),door"), "-");
  EXPECT_EQ(said(decode, "2024-10-03 19:42:00,21.4,55,18,open"),
            "roof 2024-10-03T19:42:00Z: air_temperature=21.4 relative_humidity=55 "
            "wind_speed=5{\"door\":\"open\"}");
  EXPECT_EQ(said(decode, "time,temp_c,RH,Wind Speed (km/h),door"),
            "-");  // once more, after the logger started again
  EXPECT_EQ(said(decode, "2024-10-03 19:43:00,NAN,,18,"),
            "roof 2024-10-03T19:43:00Z: air_temperature=missing relative_humidity=missing "
            "wind_speed=5 door=missing");
}

TEST(Csv, DecimalCommaMissingValuesAndATimeOfTwoColumns) {
  const auto decode = make("csv", {{"id", "roof:{Station}"},
                                   {"delimiter", ";"},
                                   {"decimal", ","},
                                   {"time", "Datum+Zeit"},
                                   {"time_format", "%d.%m.%Y %H:%M:%S"},
                                   {"zone", "+01:00"},
                                   {"missing", "-9999 ---"}});
  EXPECT_EQ(said(decode, "Datum;Zeit;Station;Temperatur;Luftdruck;humidity"), "-");
  EXPECT_EQ(said(decode, "03.10.2024;20:42:00;7;-1,5;-9999;---").substr(0, 28),
            "roof:7 2024-10-03T19:42:00Z:");
  EXPECT_NE(said(decode, "03.10.2024;20:42:00;7;-1,5;-9999;---").find("relative_humidity=missing"),
            std::string::npos);
  EXPECT_EQ(said(decode, "03.10.2024;20:42:00;;-1,5;-9999;50"), "!no_sensor_id");
}

TEST(Csv, TheIdIsATemplate) {
  const auto said_of = [](const char* id) {
    return said(make("csv", {{"id", id}, {"columns", "place,temperature"}}), "roof,21.4");
  };
  EXPECT_EQ(said_of("house:{place}:1").substr(0, 13), "house:roof:1 ");
  EXPECT_EQ(said_of("{place}{x").substr(0, 7), "roof{x ");
  EXPECT_EQ(said_of("}{x").substr(0, 4), "}{x ");
  EXPECT_EQ(said_of("{room}"), "!no_sensor_id");
  EXPECT_EQ(said_of("{pl{place}"), "!no_sensor_id");
}

TEST(Csv, ConfiguredNamesNeedNoHeading) {
  const DecoderSettings settings{{"id", "roof"}, {"columns", "timestamp,temperature"}, {"zone", "UTC"}};
  EXPECT_EQ(said(make("csv", settings), "2024-10-03 19:42:00,21.4"),
            "roof 2024-10-03T19:42:00Z: air_temperature=21.4");
  EXPECT_EQ(said(make("csv", settings), "Zeit,Temperatur", "Zeit,Temperatur\n"), "-");
  EXPECT_EQ(said(make("csv", settings), "Zeit,Temperatur"), "!csv_time");  // who knows what it is
}

TEST(Csv, ALineThatIsNotAsTheHeadingSaysIsRefusedWithItsReason) {
  const auto decode = make("csv", {{"id", "roof"}, {"zone", "UTC"}});
  EXPECT_EQ(said(decode, "time,temperature,humidity"), "-");
  EXPECT_EQ(said(decode, "2024-10-03 19:42:00,21.4"), "!csv_columns");
  EXPECT_EQ(said(decode, "2024-10-03 19:42:00,21.4,5,6"), "!csv_columns");
  EXPECT_EQ(said(decode, "2024-10-03 19:42:00,\"21.4,5"), "!csv_quote");
  EXPECT_EQ(said(decode, "yesterday,21.4,5"), "!csv_time");
  EXPECT_EQ(said(make("csv", {{"id", "roof"}}), "2024-10-03 19:42:00,21.4"), "!csv_header");
  const auto without_time = make("csv", {{"id", "roof"}, {"time", "when"}});
  EXPECT_EQ(said(without_time, "time,temperature"), "!csv_header");
  const auto nothing_known = make("csv", {{"id", "roof"}});
  EXPECT_EQ(said(nothing_known, "door,window"), "-");
  EXPECT_EQ(said(nothing_known, "1,2"), "roof now: door=1 window=2");
  EXPECT_EQ(said(nothing_known, "open,shut"), "!no_quantity");
}

// A source that goes on in the middle of a file gets its heading beside the line; a new file may have
// another.
TEST(Csv, InTheMiddleOfAFileItsHeadingCounts) {
  const auto decode = make("csv", {{"id", "roof"}, {"zone", "UTC"}});
  EXPECT_EQ(said(decode, "2024-10-03 19:42:00,21.4", "time,temperature\n"),
            "roof 2024-10-03T19:42:00Z: air_temperature=21.4");
  EXPECT_EQ(said(decode, "humidity,time", "humidity,time\n"), "-");
  EXPECT_EQ(said(decode, "55,2024-10-03 19:43:00", "humidity,time\n"),
            "roof 2024-10-03T19:43:00Z: relative_humidity=55");
}

constexpr std::string_view toa5 =
    "\"TOA5\",\"roof\",\"CR1000X\",\"1234\",\"CR1000X.Std.05\",\"CPU:p.CR1X\",\"4711\",\"Hourly\"\n"
    "\"TIMESTAMP\",\"RECORD\",\"AirTC_Avg\",\"RH\",\"BP_mbar\",\"Rain_mm_Tot\"\n"
    "\"TS\",\"RN\",\"Deg C\",\"%\",\"mbar\",\"mm\"\n"
    "\"\",\"\",\"Avg\",\"Smp\",\"Smp\",\"Tot\"\n";

TEST(Csv, Toa5SaysItsUnits) {
  const auto decode = make("toa5", {{"zone", "UTC"}});
  const auto reading = said(decode, "\"2024-10-03 19:42:00\",17,21.4,\"NAN\",1013.2,0.2", toa5);
  EXPECT_EQ(reading.substr(0, 42), "campbell:roof:Hourly 2024-10-03T19:42:00Z:") << reading;
  EXPECT_NE(reading.find("relative_humidity=missing"), std::string::npos) << reading;
}

TEST(Csv, Toa5LineByLineIsTheSame) {
  const auto decode = make("toa5", {{"zone", "UTC"}});
  std::string_view rest = toa5;
  while (!rest.empty()) {
    EXPECT_EQ(said(decode, rest.substr(0, rest.find('\n'))), "-");
    rest.remove_prefix(rest.find('\n') + 1);
  }
  const std::string_view row = "\"2024-10-03 19:42:00\",17,21.4,55,1013.2,0.2";
  EXPECT_EQ(said(decode, row), said(make("toa5", {{"zone", "UTC"}}), row, toa5));
  EXPECT_EQ(said(make("toa5", {{"zone", "UTC"}}), "a,b"), "!csv_header");
}

// Of a file that has just begun one line of the heading is there: the columns are those of the file before.
TEST(Csv, Toa5KeepsTheColumnsOfAHeadingThatHadNoTime) {
  const auto decode = make("toa5", {{"zone", "UTC"}});
  const std::string about(toa5.substr(0, toa5.find('\n') + 1));
  EXPECT_EQ(said(decode, "55,21.4", about + "\"RH\",\"AirTC_Avg\"\n\"%\",\"Deg C\"\n\"Smp\",\"Avg\"\n"),
            "!csv_header");
  const auto reading = said(decode, "55,21.4", about);
  EXPECT_NE(reading.find("relative_humidity=55"), std::string::npos) << reading;
}

TEST(Csv, WrongSettingsAreSaid) {
  EXPECT_NE(refusal("csv", {}).find("needs an id"), std::string::npos);
  EXPECT_NE(refusal("csv", {{"id", "a"}, {"colums", "x"}}).find("no setting \"colums\""), std::string::npos);
  EXPECT_NE(refusal("csv", {{"id", "a"}, {"decimal", ","}}).find("set delimiter"), std::string::npos);
  EXPECT_NE(refusal("csv", {{"id", "a"}, {"delimiter", "::"}}).find("one character"), std::string::npos);
  EXPECT_NE(refusal("csv", {{"id", "a"}, {"delimiter", "5"}}).find("one character"), std::string::npos);
  EXPECT_NE(refusal("csv", {{"id", "a"}, {"zone", "Mars"}}).find("zone"), std::string::npos);
  EXPECT_NE(refusal("toa5", {{"delimiter", ";"}}).find("the file says it"), std::string::npos);
  EXPECT_EQ(refusal("toa5", {}), "");
}

// Nothing of a line vanishes: each cell is told of.
TEST(Csv, EachCellIsAccountedFor) {
  const auto decode = make("csv", {{"id", "{name}"}, {"zone", "UTC"}});
  EXPECT_EQ(said(decode, "time,name,temperature,door,door,"), "!csv_header");
  const auto named =
      make("csv", {{"id", "{name}"}, {"zone", "UTC"}, {"columns", "time,name,temperature,door,door,x"}});
  Account account;
  auto message = line("2024-10-03 19:42:00,roof,21.4,a,b,7");
  message.account = &account;
  const auto readings = named(message);
  ASSERT_TRUE(readings) << readings.error().text;
  EXPECT_EQ(account.leaves.size(), 6U);
  EXPECT_EQ(readings->front().extra_json(), R"({"door":"a","door_2":"b"})");
}

}  // namespace
}  // namespace weather::sensors
