#include "sensors/bluetooth/receiver.hpp"

#include <gmock/gmock.h>

#include "sensors/bluetooth/bthome.hpp"
#include "sensors/bluetooth/govee.hpp"
#include "sensors/bluetooth/ruuvi_tag.hpp"
#include "sensors/bluetooth/xiaomi.hpp"
#include "tests/unit/bluetooth/said.hpp"

namespace weather::sensors::bluetooth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Address roof = 0xA4C138000001, other = 0xA4C138000002, sealed = 0x5448E68F80A5;
constexpr std::int64_t second = 1'000'000'000, minute = 60 * second;
constexpr auto bind_key = "231d39c1d7cc1ab1aee224cd096db932";

Advertisement service(Address from, std::uint16_t number, std::string_view bytes) {
  Advertisement heard;
  heard.address = from;
  heard.rssi_dbm = std::int16_t{-60};
  heard.service.push_back({number, from_hex(bytes)});
  return heard;
}
Advertisement company(Address from, std::uint16_t number, std::string_view bytes, std::string name = {}) {
  Advertisement heard;
  heard.address = from;
  heard.name = std::move(name);
  heard.manufacturer.push_back({number, from_hex(bytes)});
  return heard;
}

ReceiverOptions known() {
  ReceiverOptions options;
  options.devices = {roof};
  return options;
}

std::vector<std::string> values(const std::vector<Reading>& readings) {
  std::vector<std::string> all;
  for (const auto& reading : readings) all.push_back(reading.sensor_id() + " " + render_value_json(reading));
  return all;
}

class BluetoothReceiver : public testing::Test {
 protected:
  std::vector<std::string> take(const Advertisement& heard, std::int64_t now = second) {
    return values(receiver.take(heard, now));
  }
  std::vector<std::string> bthome(std::string_view bytes, std::int64_t now = second) {
    return take(service(roof, bthome_service, bytes), now);
  }
  Receiver receiver{known()};
};

TEST_F(BluetoothReceiver, MakesAReadingWithTheSensorsAddressNumberAndSignal) {
  const auto one = receiver.take(service(roof, bthome_service, "40000802c409"), second);
  ASSERT_THAT(one, SizeIs(1));
  EXPECT_EQ(one[0].sensor_id(), "ble:A4:C1:38:00:00:01");
  EXPECT_EQ(one[0].source_sequence(), 9U);
  EXPECT_EQ(one[0].source().adapter(), "bluetooth");
  EXPECT_EQ(one[0].source().address(), "A4:C1:38:00:00:01");
  EXPECT_EQ(one[0].source().model(), "BTHome");
  EXPECT_EQ(one[0].link().rssi_dbm(), -60);
}

TEST_F(BluetoothReceiver, TakesKnownDevicesOnlyUnlessAllAreAccepted) {
  EXPECT_THAT(take(service(other, bthome_service, "40000802c409")), IsEmpty());
  EXPECT_EQ(receiver.counts().advertisements, 0U);
  auto options = known();
  options.accept_all = true;
  receiver = Receiver(options);
  EXPECT_THAT(take(service(other, bthome_service, "40000802c409")),
              ElementsAre(R"(ble:A4:C1:38:00:00:02 {"temperature":25,"signal_strength":-60})"));
}

TEST_F(BluetoothReceiver, TakesTheFamiliesThatAreAskedFor) {
  auto options = known();
  options.families = {"ruuvi"};
  receiver = Receiver(options);
  EXPECT_THAT(bthome("40000802c409"), IsEmpty());
  EXPECT_TRUE(receiver.reads(Under::company, ruuvi_innovations));
  EXPECT_FALSE(receiver.reads(Under::service, bthome_service));
  EXPECT_FALSE(receiver.reads(Under::service, ruuvi_innovations));
  const auto patterns = receiver.patterns();
  ASSERT_THAT(patterns, SizeIs(1));
  EXPECT_EQ(patterns[0].type, 0xFF);
  EXPECT_THAT(patterns[0].begin, ElementsAre(0x99, 0x04));
}

TEST_F(BluetoothReceiver, TheSameNumberIsTheSameMeasurementForEver) {
  EXPECT_THAT(bthome("40000802c409"), SizeIs(1));
  EXPECT_THAT(bthome("40000802c409", 2 * second), IsEmpty());
  EXPECT_THAT(bthome("40000802c409", 100 * minute), IsEmpty());
  EXPECT_EQ(receiver.counts().repeats, 2U);
  const auto next = receiver.take(service(roof, bthome_service, "40000902c409"), 101 * minute);
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].link().repeats(), 2U);
}

TEST_F(BluetoothReceiver, TheSameNumberWithOtherValuesIsAnotherPartOfIt) {
  EXPECT_THAT(bthome("40000802c409"), SizeIs(1));
  EXPECT_THAT(bthome("40000803bf13"), SizeIs(1));
  EXPECT_THAT(bthome("40000802c409"), IsEmpty());
  EXPECT_THAT(bthome("40000803bf13"), IsEmpty());
}

TEST_F(BluetoothReceiver, AValueWithoutANumberCountsAgainAfterAWhile) {
  EXPECT_THAT(bthome("4002c409"), SizeIs(1));
  EXPECT_THAT(bthome("4002c409", 60 * second), IsEmpty());
  EXPECT_THAT(bthome("4002c509", 60 * second), SizeIs(1));
  EXPECT_THAT(bthome("4002c409", 60 * second), SizeIs(1)) << "it changed back";
  EXPECT_THAT(bthome("4002c409", 119 * second), IsEmpty());
  EXPECT_THAT(bthome("4002c409", 120 * second), SizeIs(1));
}

TEST_F(BluetoothReceiver, HeardAgainWithoutNewDataIsTheOldDataAgain) {
  EXPECT_THAT(receiver.again(roof, -50, second), IsEmpty());
  EXPECT_THAT(bthome("4002c409"), SizeIs(1));
  EXPECT_THAT(receiver.again(roof, -50, 60 * second), IsEmpty());
  EXPECT_THAT(values(receiver.again(roof, -50, 61 * second)),
              ElementsAre(R"(ble:A4:C1:38:00:00:01 {"temperature":25,"signal_strength":-50})"));
  EXPECT_THAT(receiver.again(roof, -50, 62 * second), IsEmpty());
  EXPECT_THAT(bthome("40000902c409", 63 * second), SizeIs(1)) << "from now on with numbers";
  EXPECT_THAT(bthome("40000902c409", 200 * second), IsEmpty());
}

TEST_F(BluetoothReceiver, AnUnknownObjectEndsTheReadingAndIsCountedAndToldOnce) {
  EXPECT_THAT(bthome("4002c409ee01"), SizeIs(1));
  EXPECT_THAT(bthome("4002c509ee01"), SizeIs(1));
  EXPECT_EQ(receiver.counts().unknown_objects, 2U);
  EXPECT_THAT(receiver.take_notes(), ElementsAre(HasSubstr("ble:A4:C1:38:00:00:01 sends object 238")));
  EXPECT_THAT(receiver.take_notes(), IsEmpty());
}

TEST_F(BluetoothReceiver, WhatIsNotUnderstoodIsCounted) {
  EXPECT_THAT(bthome("20"), IsEmpty());
  EXPECT_THAT(bthome("41a47266c95f730011223378237214"), IsEmpty());
  EXPECT_THAT(bthome("4002"), IsEmpty());
  const auto& faults = receiver.counts().by_fault;
  EXPECT_EQ(faults[static_cast<std::size_t>(Fault::foreign)], 1U);
  EXPECT_EQ(faults[static_cast<std::size_t>(Fault::no_key)], 1U);
  EXPECT_EQ(faults[static_cast<std::size_t>(Fault::malformed)], 1U);
  EXPECT_THAT(receiver.take_notes(), ElementsAre(HasSubstr("put its key into keys_file")));
}

TEST_F(BluetoothReceiver, RuuvisLongFormIsTakenAndTheShortOneIsARepeat) {
  constexpr auto air_short = "06170C5668C79E007000C90501D900CD004C884F",
                 air_long =
                     "E1170C5668C79E0065007004BD11CA00C90A0213E0AC000000DECDEE110000000000CBB8334C884F";
  const auto hear = [&](const char* bytes, std::int64_t now) {
    return take(company(roof, ruuvi_innovations, bytes), now);
  };
  EXPECT_THAT(hear(air_short, 0), ElementsAre(HasSubstr("ruuvi:A4:C1:38:00:00:01")));
  EXPECT_THAT(hear(air_long, second), ElementsAre(HasSubstr("pm10")));
  EXPECT_THAT(hear("06170C5668C79E007000C90501D900CE004C884F", 2 * second), IsEmpty());
  EXPECT_THAT(hear("06170C5668C79E007000C90501D900CF004C884F", 20 * minute), SizeIs(1))
      << "the long form is heard no more";
}

TEST_F(BluetoothReceiver, AGoveesNameIsKeptForWhatComesWithoutIt) {
  EXPECT_THAT(take(company(roof, govee_0001, "010103465464")), IsEmpty());
  EXPECT_THAT(receiver.take_notes(), ElementsAre(HasSubstr("until it has said its name")));
  receiver.named(roof, "GVH5100_7738", second);
  EXPECT_THAT(take(company(roof, govee_0001, "010103465464")), ElementsAre(HasSubstr("21.4")));
}

// Encrypted by PyPI's cryptography: temperature 25.00 under counters 1000, 1001 and 5, and 20.00 under 900.
class SealedReceiver : public testing::Test {
 protected:
  SealedReceiver() {
    ReceiverOptions options;
    options.keys[sealed] = key_of(bind_key);
    receiver = Receiver(options);
  }
  std::size_t hear(std::string_view bytes, std::int64_t now = second) {
    return receiver.take(service(sealed, bthome_service, bytes), now).size();
  }
  static constexpr auto at_1000 = "415b8798e803000021104a1c", at_1001 = "41e02551e9030000adf6f8e9",
                        at_5 = "416bbb8705000000a43c737c", at_900 = "41383f498403000032ca28a2",
                        at_6 = "41a790c3060000004a2a215b";
  Receiver receiver{ReceiverOptions{}};
};

TEST_F(SealedReceiver, ADeviceWithAKeyIsKnown) {
  EXPECT_TRUE(receiver.wants(sealed));
  EXPECT_THAT(receiver.devices(), ElementsAre(sealed));
}

TEST_F(SealedReceiver, EachCounterCountsOnce) {
  EXPECT_EQ(hear(at_1000), 1U);
  EXPECT_EQ(hear(at_1000, 100 * minute), 0U) << "however long somebody keeps it";
  EXPECT_EQ(hear(at_1001), 1U);
}

TEST_F(SealedReceiver, AnOldPacketIsNotTakenAndTold) {
  EXPECT_EQ(hear(at_1000), 1U);
  EXPECT_EQ(hear(at_900), 0U);
  EXPECT_EQ(hear(at_900), 0U);
  EXPECT_EQ(receiver.counts().replayed, 2U);
  EXPECT_THAT(receiver.take_notes(), ElementsAre(HasSubstr("packet 900 came after 1000")));
  EXPECT_EQ(hear(at_1001), 1U);
}

TEST_F(SealedReceiver, ANewBatteryBeginsAnew) {
  EXPECT_EQ(hear(at_1000), 1U);
  EXPECT_EQ(hear(at_5), 1U);
  EXPECT_EQ(hear(at_6), 1U);
}

TEST_F(SealedReceiver, ARestartKnowsWhatCounted) {
  auto readings = receiver.take(service(sealed, bthome_service, at_1000), second);
  ASSERT_THAT(readings, SizeIs(1));
  const auto& file = readings[0].arrival().file();
  const FilePosition position{file.device(), file.inode(), file.offset(), file.head(), file.tail()};
  EXPECT_THAT(receiver.positions(), ElementsAre(position));
  ReceiverOptions options;
  options.keys[sealed] = key_of(bind_key);
  receiver = Receiver(options);
  receiver.restore({&position, 1}, 0);
  EXPECT_EQ(hear(at_1000), 0U);
  EXPECT_EQ(hear(at_900), 0U);
  EXPECT_EQ(hear(at_1001), 1U);
}

TEST_F(BluetoothReceiver, ARestartMakesNoReadingTwice) {
  for (const auto* bytes : {"40000802c409", "4003bf13", "40000405138a14"})
    EXPECT_THAT(bthome(bytes), SizeIs(1));
  const auto positions = receiver.positions();
  receiver = Receiver(known());
  receiver.restore(positions, 0);
  for (const auto* bytes : {"40000802c409", "4003bf13", "40000405138a14"})
    EXPECT_THAT(bthome(bytes), IsEmpty());
  EXPECT_THAT(bthome("4003bf13", 2 * minute), SizeIs(1)) << "no number: it counts again after a while";
  EXPECT_THAT(bthome("40000902c409"), SizeIs(1));
}

TEST_F(BluetoothReceiver, ForgetsThoseHeardLongestAgo) {
  ReceiverOptions options;
  options.accept_all = true;
  receiver = Receiver(options);
  for (Address i = 0; i < Receiver::most_devices + 10; ++i)
    EXPECT_THAT(take(service(i, bthome_service, "40000802c409"), static_cast<std::int64_t>(i)), SizeIs(1));
  EXPECT_THAT(receiver.positions(), SizeIs(Receiver::most_devices));
  EXPECT_THAT(take(service(Receiver::most_devices, bthome_service, "40000802c409")), IsEmpty());
  EXPECT_THAT(take(service(0, bthome_service, "40000802c409")), SizeIs(1));
}

}  // namespace
}  // namespace weather::sensors::bluetooth
