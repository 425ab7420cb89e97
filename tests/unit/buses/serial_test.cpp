#include "sensors/buses/serial.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "tests/unit/buses/fake_sink.hpp"
#include "tests/unit/buses/pseudo_terminal.hpp"

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

SerialOptions quick(const std::string& device) {
  SerialOptions out;
  out.device = device;
  out.reconnect = {.first = 20ms, .longest = 50ms};
  return out;
}

void wait_until(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(10ms);
}

TEST(Serial, LinesBecomeReadings) {
  PseudoTerminal line;
  FakeSink sink;
  SerialSource source(quick(line.path), sink);
  source.start();
  wait_until([&] { return source.status().open; });
  line.write("5,M,A*00\r\n$WIMWV,214.8,R,2.5,M,A\r\n$WIM");
  line.write("WV,1,R,3,M,A\r\n$WIMWV,1,R,3,M,A*00\r\n");
  const auto readings = sink.wait_for(3);
  source.stop();
  ASSERT_EQ(readings.size(), 3U);  // the rest of a sentence at the beginning is none
  EXPECT_EQ(readings[0].quantities_size(), 2);
  EXPECT_EQ(readings[1].quantities(1).number(), 3);
  EXPECT_EQ(readings[2].error(), "nmea_checksum");
}

TEST(Serial, WhatNobodyDecodesIsCountedByItsName) {
  PseudoTerminal line;
  FakeSink sink;
  SerialSource source(quick(line.path), sink);
  source.start();
  wait_until([&] { return source.status().open; });
  line.write("$GPGGA,1\r\n$GPRMC,1\r\n$GPGGA,2\r\n$WIMDA,,,,\r\n$WIMTA,12.5,C\r\n$GPGGA,3*00\r\n");
  for (int i = 0; i < 64; ++i) line.write("$X" + std::to_string(i) + "ABC,1\r\n");
  wait_until([&] { return source.status().lines == 70; });
  source.stop();
  const auto names = source.status().not_decoded;
  EXPECT_EQ(names.at("GPGGA"), 2U) << "a decoded type, an empty one and a broken sentence are none";
  EXPECT_EQ(names.at("GPRMC"), 1U);
  EXPECT_FALSE(names.contains("WIMDA"));
  EXPECT_FALSE(names.contains("WIMTA"));
  EXPECT_EQ(names.size(), SerialStatus::most_names + 1) << "a noisy line fills no memory";
  EXPECT_EQ(names.at("others"), 64U + 2 - SerialStatus::most_names);
}

TEST(Serial, ADeviceThatIsPluggedInLaterIsOpened) {
  FakeSink sink;
  PseudoTerminal line;
  const std::string link = testing::TempDir() + "/serial-later-" + std::to_string(::getpid());
  ::unlink(link.c_str());
  SerialSource source(quick(link), sink);
  source.start();
  wait_until([&] { return !source.status().last_error.empty(); });
  EXPECT_THAT(source.status().last_error, HasSubstr("plugged in"));
  ASSERT_EQ(::symlink(line.path.c_str(), link.c_str()), 0);
  wait_until([&] { return source.status().open; });
  line.write("$WIMWV,1,R,3,M,A\n");
  EXPECT_EQ(sink.wait_for(1).size(), 1U);
  source.stop();
  ::unlink(link.c_str());
}

TEST(Serial, AnUnpluggedDeviceIsNoticed) {
  FakeSink sink;
  PseudoTerminal line;
  SerialSource source(quick(line.path), sink);
  source.start();
  wait_until([&] { return source.status().open; });
  line.close();
  wait_until([&] { return !source.status().open; });
  EXPECT_FALSE(source.status().open);
  EXPECT_THAT(source.status().last_error, HasSubstr(line.path));
}

TEST(Serial, WhileTheSinkRefusesNothingIsLost) {
  PseudoTerminal line;
  FakeSink sink;
  sink.refuse = true;
  SerialSource source(quick(line.path), sink);
  source.start();
  wait_until([&] { return source.status().open; });
  line.write("$WIMWV,1,R,1,M,A\n$WIMWV,1,R,2,M,A\n");
  wait_until([&] { return source.status().refused >= 2; });
  sink.refuse = false;
  const auto readings = sink.wait_for(2);
  source.stop();
  ASSERT_EQ(readings.size(), 2U);
  EXPECT_EQ(readings[0].quantities(1).number(), 1);
  EXPECT_EQ(readings[1].quantities(1).number(), 2);
}

TEST(Serial, StopsAtOnceOnASilentLine) {
  PseudoTerminal line;
  FakeSink sink;
  SerialSource source(quick(line.path), sink);
  source.start();
  wait_until([&] { return source.status().open; });
  const auto before = std::chrono::steady_clock::now();
  source.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

}  // namespace
}  // namespace weather::sensors
