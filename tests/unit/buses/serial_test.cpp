#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include "sensors/buses/nmea_serial.hpp"
#include "tests/unit/buses/fake_sink.hpp"
#include "tests/unit/buses/pseudo_terminal.hpp"

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

SerialOptions quick(const std::string& device) {
  SerialOptions out;
  out.device = device;
  out.name = "nmea:" + device;
  out.line.baud = 4800;
  out.reconnect = {.first = 20ms, .longest = 50ms};
  return nmea_serial(out, {});
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

SerialOptions instrument(const std::string& device) {
  SerialOptions out;
  out.name = "serial";
  out.device = device;
  out.decode = [](const Message& message) -> Decoded {
    Reading reading;
    reading.set_sensor_id(std::string(message.payload));
    return std::vector<Reading>{reading};
  };
  out.reconnect = {.first = 20ms, .longest = 50ms};
  return out;
}

std::vector<std::string> ids(const std::vector<Reading>& readings) {
  std::vector<std::string> all;
  for (const auto& reading : readings) all.push_back(reading.sensor_id());
  return all;
}

// What the source has written, up to this end.
std::string command(const PseudoTerminal& line, char end) {
  std::string text;
  for (char letter = 0; letter != end && ::read(line.fd, &letter, 1) == 1;) text += letter;
  return text;
}

TEST(Serial, AnInstrumentIsAskedOneCommandAfterTheOther) {
  PseudoTerminal line;
  FakeSink sink;
  auto options = instrument(line.path);
  options.poll = {"0R1\r", "0R2\r"};
  options.interval = 50ms;
  SerialSource source(options, sink);
  source.start();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(command(line, '\r'), "0R1\r");
    line.write("0R1,Dm=236D\r\n");
    EXPECT_EQ(command(line, '\r'), "0R2\r");
    line.write("0R2,Ta=21.4C\r\n");
  }
  const auto readings = sink.wait_for(4);
  source.stop();
  EXPECT_THAT(ids(readings),
              testing::ElementsAre("0R1,Dm=236D", "0R2,Ta=21.4C", "0R1,Dm=236D", "0R2,Ta=21.4C"));
  EXPECT_EQ(source.status().unanswered, 0U);
}

TEST(Serial, OneThatDoesNotAnswerIsAskedTheNextAndCounted) {
  PseudoTerminal line;
  FakeSink sink;
  auto options = instrument(line.path);
  options.poll = {"a\r", "b\r"};
  options.interval = 20ms;
  options.answer_within = 20ms;
  SerialSource source(options, sink);
  source.start();
  EXPECT_EQ(command(line, '\r'), "a\r");
  EXPECT_EQ(command(line, '\r'), "b\r");
  wait_until([&] { return source.status().silent_rounds > 0; });
  EXPECT_GE(source.status().unanswered, 2U);
  // The answer that comes at last is taken, and the line is well again.
  wait_until([&] {
    (void)command(line, '\r');
    line.write("late\n");
    return source.status().lines > 0;
  });
  wait_until([&] {
    (void)command(line, '\r');
    line.write("x\n");
    return source.status().silent_rounds == 0;
  });
  EXPECT_EQ(source.status().silent_rounds, 0U);
  source.stop();
}

TEST(Serial, TheRestOfALineAtTheBeginningIsLeftOut) {
  PseudoTerminal line;
  FakeSink sink;
  SerialSource source(instrument(line.path), sink);
  source.start();
  wait_until([&] { return source.status().open; });
  line.write("=236D\r\nwhole\r\n");
  EXPECT_THAT(ids(sink.wait_for(1)), testing::ElementsAre("whole"));
  source.stop();
}

TEST(Serial, OverTcpAndAgainWhenTheOtherEndWasAway) {
  namespace asio = boost::asio;
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  FakeSink sink;
  SerialSource source(instrument("tcp://localhost:" + std::to_string(acceptor.local_endpoint().port())),
                      sink);
  source.start();
  for (const auto* text : {"first", "second"}) {
    auto connection = acceptor.accept();
    asio::write(connection, asio::buffer("rest\n" + std::string(text) + "\n"));
    wait_until([&] { return sink.wait_for(*text == 'f' ? 1 : 2).size() == (*text == 'f' ? 1U : 2U); });
  }
  wait_until([&] { return !source.status().open; });
  EXPECT_THAT(source.status().last_error, HasSubstr("lost tcp://localhost"));
  source.stop();
  EXPECT_THAT(ids(sink.wait_for(2)), testing::ElementsAre("first", "second"));
}

TEST(Serial, APlaceIsADeviceOrAHostAndAPort) {
  EXPECT_EQ(LinePlace::parse("/dev/ttyUSB0")->device, "/dev/ttyUSB0");
  EXPECT_EQ(LinePlace::parse("tcp://10.0.0.1:4001")->host, "10.0.0.1");
  EXPECT_EQ(LinePlace::parse("tcp://10.0.0.1:4001")->port, 4001);
  EXPECT_EQ(LinePlace::parse("tcp://[fd00::1]:23")->host, "fd00::1");
  for (const auto* wrong : {"", "tcp://", "tcp://host", "tcp://host:", "tcp://host:0", "tcp://host:70000",
                            "tcp://:1", "tcp://host:1x", "udp://host:1"})
    EXPECT_FALSE(LinePlace::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace weather::sensors
