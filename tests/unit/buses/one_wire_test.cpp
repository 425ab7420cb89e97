#include "sensors/buses/one_wire.hpp"

#include <gmock/gmock.h>

#include "tests/unit/buses/fake_sysfs.hpp"

namespace weather::sensors {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string slave(std::initializer_list<int> bytes, int milli, std::string_view word = "YES") {
  std::string raw, hex;
  for (const int b : bytes) raw += static_cast<char>(b);
  raw += static_cast<char>(maxim_crc8(raw));
  char text[4];
  for (const char c : raw) {
    std::snprintf(text, sizeof text, "%02x ", static_cast<unsigned char>(c));
    hex += text;
  }
  return hex + ": crc=" + hex.substr(24, 2) + " " + std::string(word) + "\n" + hex +
         "t=" + std::to_string(milli);
}

const std::string good = slave({0x72, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0e, 0x10}, 23125);
const std::string power_on = slave({0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10}, 85000);

TEST(MaximCrc8, MatchesTheExampleOfMaximsApplicationNote27) {
  EXPECT_EQ(maxim_crc8(std::string("\x02\x1c\xb8\x01\x00\x00\x00", 7)), 0xA2);
}

TEST(MaximCrc8, MatchesAScratchpadFromTheBus) {
  EXPECT_EQ(maxim_crc8("\x5f\x01\x4b\x46\x7f\xff\x0c\x10"), 0x12);
}

TEST(W1Slave, AGoodReadIsAValue) {
  const auto sample = parse_w1_slave(good);
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->celsius, 23.125);
  EXPECT_FALSE(sample->power_on);
}

TEST(W1Slave, BelowZero) {
  EXPECT_EQ(parse_w1_slave(slave({0xa6, 0xff, 0x4b, 0x46, 0x7f, 0xff, 0x0a, 0x10}, -5625))->celsius, -5.625);
}

TEST(W1Slave, CrcNoIsNoValueAlthoughTheOldOneStandsThere) {
  const auto sample = parse_w1_slave(slave({0x72, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0e, 0x10}, 23125, "NO"));
  EXPECT_EQ(sample.error(), OneWireFault::crc);
}

TEST(W1Slave, AYesOverBytesThatDoNotFitIsNotBelieved) {
  auto text = good;
  text[0] = '8';
  EXPECT_EQ(parse_w1_slave(text).error(), OneWireFault::crc);
}

TEST(W1Slave, AShortCircuitHasARightCrcAndIsNotZeroDegrees) {
  EXPECT_EQ(parse_w1_slave(slave({0, 0, 0, 0, 0, 0, 0, 0}, 0)).error(), OneWireFault::short_circuit);
}

TEST(W1Slave, ZeroDegreesIsAValue) {
  EXPECT_EQ(parse_w1_slave(slave({0, 0, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10}, 0))->celsius, 0);
}

TEST(W1Slave, PowerOnIsToldFromAnHonest85ByItsReservedByte) {
  EXPECT_TRUE(parse_w1_slave(power_on)->power_on);
  EXPECT_FALSE(parse_w1_slave(slave({0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10}, 85000))->power_on);
}

TEST(W1Slave, AnythingElseIsMalformed) {
  for (const std::string_view text : {"", "72 01", "x\ny", "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES",
                                      "zz 01 4b 46 7f ff 0e 10 57 : crc=57 YES\nt=1"})
    EXPECT_EQ(parse_w1_slave(text).error(), OneWireFault::malformed) << text;
}

class OneWire : public testing::Test {
 protected:
  Reading poll() {
    if (!reader_) reader_.emplace(OneWireOptions{.sysfs = tree_.options()});
    const auto out = reader_->poll();
    EXPECT_THAT(out, SizeIs(1));
    return out.empty() ? Reading{} : out.front();
  }
  void set(std::string_view text) { tree_.write(file_, text); }

  const std::string file_ = "bus/w1/devices/28-0316a2794bff/w1_slave";
  FakeSysfs tree_;
  std::optional<OneWireReader> reader_;
};

TEST_F(OneWire, TheIdIsBurnedIn) {
  set(good);
  const auto r = poll();
  EXPECT_EQ(r.sensor_id(), "w1:28-0316a2794bff");
  EXPECT_EQ(r.quantities(0).number(), 23.125);
}

TEST_F(OneWire, ACrcErrorIsTriedAgain) {
  set(slave({0x72, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0e, 0x10}, 23125, "NO"));
  tree_.on_pause = [this] { set(good); };
  EXPECT_EQ(poll().quantities(0).number(), 23.125);
}

TEST_F(OneWire, ACrcErrorThatStaysIsMissing) {
  set(slave({0x72, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0e, 0x10}, 23125, "NO"));
  const auto r = poll();
  EXPECT_EQ(tree_.pauses, 2);
  EXPECT_EQ(r.quantities(0).quality(), v1::QUALITY_MISSING);
  EXPECT_THAT(r.extra_json(), HasSubstr("CRC error"));
}

TEST_F(OneWire, AnInputOutputErrorIsMissing) {
  tree_.broken(file_);
  const auto r = poll();
  EXPECT_EQ(r.quantities(0).quality(), v1::QUALITY_MISSING);
  EXPECT_THAT(r.extra_json(), HasSubstr("Input/output error"));
}

TEST_F(OneWire, ThePowerOnValueIsKeptAndMarked) {
  set(power_on);
  const auto r = poll();
  EXPECT_EQ(r.quantities(0).number(), 85);
  EXPECT_EQ(r.quantities(0).qc(), v1::QC_SENTINEL);
  EXPECT_EQ(r.quantities(0).quality(), v1::QUALITY_ERRONEOUS);
}

TEST_F(OneWire, EightyFiveBesideANeighbourIsBelieved) {
  set(slave({0x08, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x08, 0x10}, 80500));
  poll();
  set(power_on);
  EXPECT_EQ(poll().quantities(0).qc(), 0U);
}

TEST_F(OneWire, OtherFamiliesAndTheBusMasterAreNoThermometers) {
  tree_.write("bus/w1/devices/w1_bus_master1/w1_master_slaves", "28-0316a2794bff");
  tree_.write("bus/w1/devices/29-0000000012/output", "x");
  EXPECT_THAT(OneWireReader({.sysfs = tree_.options()}).poll(), IsEmpty());
}

TEST_F(OneWire, AStopEndsBetweenTwoSensors) {
  set(good);
  std::stop_source source;
  source.request_stop();
  EXPECT_THAT(OneWireReader({.sysfs = tree_.options()}).poll(source.get_token()), IsEmpty());
}

}  // namespace
}  // namespace weather::sensors
