#include "sensors/bluetooth/scanner.hpp"

#include <deque>
#include <random>

#include <gmock/gmock.h>

namespace weather::sensors::bluetooth {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto hci0 = "/org/bluez/hci0", hci1 = "/org/bluez/hci1";

Adapter adapter(std::string path, bool powered, bool monitors = false) {
  Adapter one;
  one.path = std::move(path);
  one.address = one.path.ends_with('0') ? "00:01:02:03:04:05" : "10:01:02:03:04:05";
  one.powered = powered;
  one.monitors = monitors;
  return one;
}
Adapter only_powered(std::string path, bool powered) {
  Adapter one;
  one.path = std::move(path);
  one.powered = powered;
  return one;
}

const BusError no_service{"org.freedesktop.DBus.Error.ServiceUnknown", "not provided"};
const BusError denied{"org.freedesktop.DBus.Error.AccessDenied", "rejected"};
const BusError broken{"org.bluez.Error.Failed", "broken"};

class BluetoothScanner : public testing::Test {
 protected:
  // The next thing asked must be this one, and is answered.
  void expect(Ask ask, const std::optional<BusError>& error = {}) {
    const auto next = scanner.next(now);
    ASSERT_TRUE(next) << static_cast<int>(ask) << " " << scanner.reason();
    ASSERT_EQ(*next, ask);
    EXPECT_FALSE(scanner.next(now)) << "one thing at a time";
    scanner.answered(ask, error, now, 0.5);
  }
  void expect_nothing() { EXPECT_FALSE(scanner.next(now)) << scanner.reason(); }
  void expect_look(const std::vector<Adapter>& adapters) {
    ASSERT_EQ(scanner.next(now), Ask::look);
    scanner.found(adapters);
    scanner.answered(Ask::look, {}, now, 0.5);
  }
  void expect_discovery() {
    expect(Ask::set_filter);
    expect(Ask::start_discovery);
    EXPECT_TRUE(scanner.up());
    expect_nothing();
  }
  void begin(const std::vector<Adapter>& adapters) {
    expect(Ask::connect);
    expect_look(adapters);
  }

  Scanner scanner{ScannerOptions{}};
  Scanner::Time now = Scanner::Time() + 1h;
};

TEST_F(BluetoothScanner, DiscoversWithAnAdapterThatIsOn) {
  EXPECT_TRUE(scanner.on_its_way());
  begin({adapter(hci0, true)});
  expect_discovery();
  EXPECT_EQ(scanner.path(), hci0);
  EXPECT_FALSE(scanner.passive());
  EXPECT_EQ(scanner.begun(), 1U);
  EXPECT_EQ(scanner.reason(), "");
}

TEST_F(BluetoothScanner, TakesAnAdvertisementMonitorWhereThereIsOne) {
  begin({adapter(hci0, true, true)});
  expect(Ask::register_monitor);
  EXPECT_FALSE(scanner.up());
  scanner.activated(true, now);
  EXPECT_TRUE(scanner.up());
  EXPECT_TRUE(scanner.passive());
  expect_nothing();
}

TEST_F(BluetoothScanner, AnActivationMayComeBeforeTheAnswer) {
  begin({adapter(hci0, true, true)});
  ASSERT_EQ(scanner.next(now), Ask::register_monitor);
  scanner.activated(true, now);
  scanner.answered(Ask::register_monitor, {}, now, 0.5);
  EXPECT_TRUE(scanner.passive());
  expect_nothing();
}

TEST_F(BluetoothScanner, AMonitorThatIsRefusedReleasedOrNeverActivatedGivesWayToADiscovery) {
  begin({adapter(hci0, true, true)});
  expect(Ask::register_monitor, broken);
  expect_discovery();

  scanner.bluetoothd(false);
  scanner.bluetoothd(true);
  expect_look({adapter(hci0, true, true)});
  expect(Ask::register_monitor);
  scanner.activated(false, now);
  expect_discovery();

  scanner.bluetoothd(false);
  scanner.bluetoothd(true);
  expect_look({adapter(hci0, true, true)});
  expect(Ask::register_monitor);
  expect_nothing();
  now = scanner.due();
  expect(Ask::unregister_monitor);
  expect_discovery();
}

TEST_F(BluetoothScanner, AMonitorThatIsReleasedLaterIsRegisteredAgain) {
  begin({adapter(hci0, true, true)});
  expect(Ask::register_monitor);
  scanner.activated(true, now);
  scanner.activated(false, now);
  EXPECT_FALSE(scanner.up());
  expect(Ask::register_monitor);
}

TEST_F(BluetoothScanner, SaysWhatIsWrongAndWhatToDo) {
  expect(Ask::connect, BusError{"", "No such file or directory"});
  EXPECT_THAT(scanner.reason(), HasSubstr("no D-Bus system bus (No such file or directory): sudo apt"));
  EXPECT_FALSE(scanner.on_its_way());
  now = scanner.due();
  expect(Ask::connect);
  expect(Ask::look, denied);
  EXPECT_THAT(scanner.reason(), HasSubstr("may not be asked (rejected): the service needs the group"));
  now = scanner.due();
  expect(Ask::look, no_service);
  EXPECT_THAT(scanner.reason(), HasSubstr("bluetoothd does not run: "));
  EXPECT_EQ(scanner.due(), Scanner::Time::max()) << "the bus tells when it comes";
  scanner.bluetoothd(true);
  expect_look({});
  EXPECT_THAT(scanner.reason(), HasSubstr("there is no Bluetooth adapter: "));
  expect_nothing();
  scanner.changed(adapter(hci0, false), now);
  EXPECT_THAT(scanner.reason(), HasSubstr("the adapter hci0 is switched off: "));
  expect_nothing();
  scanner.changed(only_powered(hci0, true), now);
  expect(Ask::set_filter);
  expect(Ask::start_discovery, broken);
  EXPECT_THAT(scanner.reason(), HasSubstr("hci0 does not scan: broken"));
  expect_nothing();
  now = scanner.due();
  expect_discovery();
}

TEST_F(BluetoothScanner, TheAdapterIsSwitchedOffAndOnByAnother) {
  begin({adapter(hci0, true)});
  expect_discovery();
  scanner.changed(only_powered(hci0, false), now);
  EXPECT_FALSE(scanner.up());
  expect_nothing();
  scanner.changed(only_powered(hci0, true), now);
  expect_discovery();
}

TEST_F(BluetoothScanner, TheAdapterIsPulledOutAndPutInAgain) {
  begin({adapter(hci0, true)});
  expect_discovery();
  scanner.gone(hci0);
  EXPECT_FALSE(scanner.up());
  EXPECT_THAT(scanner.reason(), HasSubstr("no Bluetooth adapter"));
  expect_nothing();
  scanner.changed(adapter(hci1, true), now);
  EXPECT_EQ(scanner.path(), hci1);
  expect_discovery();
}

TEST_F(BluetoothScanner, WhatWasAskedOfAnAdapterThatIsGoneIsNotWaitedFor) {
  begin({adapter(hci0, true)});
  ASSERT_EQ(scanner.next(now), Ask::set_filter);
  scanner.gone(hci0);
  scanner.changed(adapter(hci0, true), now);
  ASSERT_EQ(scanner.next(now), Ask::set_filter);
}

TEST_F(BluetoothScanner, BluetoothdIsRestarted) {
  begin({adapter(hci0, true)});
  expect_discovery();
  scanner.bluetoothd(false);
  EXPECT_FALSE(scanner.up());
  EXPECT_THAT(scanner.reason(), HasSubstr("bluetoothd does not run"));
  expect_nothing();
  scanner.bluetoothd(true);
  expect_look({adapter(hci0, true)});
  expect_discovery();
}

TEST_F(BluetoothScanner, ABusThatIsGoneIsConnectedToAgain) {
  begin({adapter(hci0, true)});
  expect_discovery();
  scanner.hung_up({"", "Connection reset by peer"}, now, 0.5);
  EXPECT_THAT(scanner.reason(), HasSubstr("Connection reset by peer"));
  expect_nothing();
  now = scanner.due();
  begin({adapter(hci0, true)});
  expect_discovery();
}

TEST_F(BluetoothScanner, ADiscoveryThatSomebodyEndedIsBegunAgain) {
  begin({adapter(hci0, true)});
  expect_discovery();
  auto rests = only_powered(hci0, true);
  rests.discovering = false;
  scanner.changed(rests, now);
  expect_nothing();
  EXPECT_TRUE(scanner.up()) << "bluetoothd rests between two scans";
  now = scanner.due();
  expect_discovery();
  EXPECT_EQ(scanner.begun(), 2U);
}

TEST_F(BluetoothScanner, AScanThatRestsForAMomentGoesOn) {
  begin({adapter(hci0, true)});
  expect_discovery();
  auto change = only_powered(hci0, true);
  change.discovering = false;
  scanner.changed(change, now);
  change.discovering = true;
  scanner.changed(change, now += 5s);
  now += 20s;
  expect_nothing();
}

TEST_F(BluetoothScanner, OneThatHearsNothingIsBegunAgain) {
  begin({adapter(hci0, true)});
  expect_discovery();
  scanner.heard(now += 9min);
  now += 9min;
  expect_nothing();
  now = scanner.due();
  ASSERT_EQ(scanner.next(now), Ask::stop_discovery);
  EXPECT_FALSE(scanner.up());
  EXPECT_TRUE(scanner.on_its_way()) << scanner.reason();
  scanner.answered(Ask::stop_discovery, broken, now, 0.5);
  expect_discovery();
  EXPECT_EQ(scanner.deaf(), 1U);

  scanner.bluetoothd(false);
  scanner.bluetoothd(true);
  expect_look({adapter(hci0, true, true)});
  expect(Ask::register_monitor);
  scanner.activated(true, now);
  now = scanner.due();
  expect(Ask::unregister_monitor);
  expect(Ask::register_monitor);
}

TEST_F(BluetoothScanner, TakesTheAdapterThatIsConfigured) {
  const std::map<std::string, Adapter> both{{hci0, adapter(hci0, false)}, {hci1, adapter(hci1, true)}};
  EXPECT_EQ(choose_adapter(both, "")->path, hci1) << "the first that is on";
  EXPECT_EQ(choose_adapter(both, "hci0")->path, hci0);
  EXPECT_EQ(choose_adapter(both, "10:01:02:03:04:05")->path, hci1);
  EXPECT_EQ(choose_adapter(both, "hci7"), nullptr);
  EXPECT_EQ(choose_adapter({{hci0, adapter(hci0, false)}}, "")->path, hci0);
}

TEST_F(BluetoothScanner, StaysWithTheAdapterThatScansWhenAnotherComes) {
  begin({adapter(hci1, true)});
  expect_discovery();
  scanner.changed(adapter(hci0, true), now);
  EXPECT_EQ(scanner.path(), hci1);
  expect_nothing();
}

// Whatever happens in whatever order: with bluetoothd there and an adapter on, it scans in the end.
TEST_F(BluetoothScanner, ScansInTheEndWhateverHappened) {
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    std::mt19937 random(seed);
    const auto one_in = [&](unsigned count) { return random() % count == 0; };
    Scanner machine{ScannerOptions{}};
    auto time = Scanner::Time() + 1h;
    bool there = true, on = true, calm = false;
    const auto answer = [&](Ask ask) {
      std::optional<BusError> error;
      if (!calm && one_in(4)) error = one_in(2) ? broken : denied;
      if (!there && ask != Ask::connect) error = no_service;
      if (ask == Ask::look && !error) machine.found({adapter(hci0, on, seed % 2 == 0)});
      if (calm || !one_in(5))
        machine.answered(ask, error, time, 0.5);  // else it is lost with what comes
      else
        machine.hung_up(broken, time, 0.5);
      if (ask == Ask::register_monitor && !error && (calm || one_in(2)))
        machine.activated(calm || one_in(2), time);
    };
    for (int step = 0; step < 200; ++step) {
      if (const auto ask = machine.next(time)) answer(*ask);
      if (one_in(6)) machine.bluetoothd(there = !there);
      if (one_in(6)) machine.changed(only_powered(hci0, on = !on), time);
      if (one_in(12)) machine.gone(hci0);
      if (one_in(12)) machine.hung_up(broken, time, 0.5);
      if (one_in(6)) time += 30s;
    }
    calm = true;
    machine.bluetoothd(there = true);
    on = true;
    machine.changed(adapter(hci0, true, seed % 2 == 0), time);
    for (int step = 0; step < 30 && !machine.up(); ++step) {
      if (const auto ask = machine.next(time))
        answer(*ask);
      else
        time = std::max(time, machine.due() == Scanner::Time::max() ? time : machine.due());
    }
    ASSERT_TRUE(machine.up()) << "seed " << seed << ": " << machine.reason();
  }
}

}  // namespace
}  // namespace weather::sensors::bluetooth
