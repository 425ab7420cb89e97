// What bluetoothd is asked, and when: a machine without a bus and a clock. One thread at a time.
//
//   connect ▸ look ▸ (an adapter that is switched on) ▸ register_monitor ─ activated ─▶ monitoring
//                                                     ▸ set_filter ▸ start_discovery ─▶ discovering
//
// bluetoothd may come and go, and so may the adapter; others may switch it off and on. Nothing of that
// is asked for again and again: the bus tells. What is refused, and a bus that is not there, is tried again
// with backoff. Advertisement monitors, with which the kernel lets through what is looked for and the sensors
// are not asked, are taken where bluetoothd offers them and activates them; else a discovery.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/sources/reconnect.hpp"

namespace weather::sensors::bluetooth {

enum class Ask : std::uint8_t {
  connect,  // to the system's bus; hangs up first
  look,
  register_monitor,
  unregister_monitor,
  set_filter,
  start_discovery,
  stop_discovery,
};

struct Adapter {
  std::string path;     // "/org/bluez/hci0"
  std::string address;  // empty: not known yet
  std::optional<bool> powered, discovering;
  bool monitors = false;  // it takes advertisement monitors with patterns
};
std::string_view adapter_name(std::string_view path);  // "hci0"

struct BusError {
  std::string name, text;  // "org.freedesktop.DBus.Error.AccessDenied"
};
bool is_no_bluetoothd(const BusError& error);
bool is_not_permitted(const BusError& error);

// What is wrong and what to do, in words.
std::string no_bus_text(const BusError& error);
std::string no_bluetoothd_text();
std::string not_permitted_text(const BusError& error);
std::string no_adapter_text(std::string_view wanted);
std::string switched_off_text(std::string_view path);

// By its name, its address, or empty: the first that is switched on, or the first. Null: there is none.
const Adapter* choose_adapter(const std::map<std::string, Adapter>& adapters, std::string_view wanted);

struct ScannerOptions {
  std::string adapter;
  ReconnectSchedule::Limits retry = {};
  std::chrono::nanoseconds activates_within = std::chrono::seconds(10);
  std::chrono::nanoseconds rests_at_most = std::chrono::seconds(15);  // a discovery between two scans
  std::chrono::nanoseconds deaf_after = std::chrono::minutes(10);     // then it is begun again
};

class Scanner {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Scanner(ScannerOptions options) : options_(std::move(options)), retry_(options_.retry) {}

  // What to do now; the answer is to be given before there is more. Nothing: wait until due().
  std::optional<Ask> next(Time now);
  Time due() const;

  // random is in [0, 1).
  void answered(Ask ask, const std::optional<BusError>& error, Time now, double random);
  void found(const std::vector<Adapter>& adapters);  // before the answer to `look`
  void hung_up(const BusError& error, Time now, double random);
  void bluetoothd(bool there);
  void changed(const Adapter& adapter, Time now);  // the properties that changed; also one that is new
  void gone(const std::string& path);
  void activated(bool is, Time now);  // false: the monitor was released
  void heard(Time now) { heard_ = now; }

  std::string path() const { return path_; }  // of the chosen adapter; empty: none
  bool up() const { return doing_ == Doing::monitoring || doing_ == Doing::discovering; }
  bool passive() const { return doing_ == Doing::monitoring; }
  std::string reason() const { return up() ? std::string() : reason_; }
  bool on_its_way() const { return on_its_way_; }  // not up, and nothing is wrong
  std::uint64_t begun() const { return begun_; }   // scans since the start
  std::uint64_t deaf() const { return deaf_; }     // ... that were begun again because nothing was heard

 private:
  enum class Doing : std::uint8_t { nothing, filtered, discovering, registered, monitoring, ending };

  const Adapter* adapter() const;
  std::optional<Ask> begin() const;
  void choose();
  void started(Doing doing, Time now);
  void forget_bluetoothd();
  void failed(const BusError& error, Ask ask, Time now, double random);
  void because(std::string reason, bool on_its_way = false);

  const ScannerOptions options_;
  ReconnectSchedule retry_;
  bool connected_ = false, looked_ = false, there_ = true, monitor_failed_ = false;
  std::optional<Ask> asked_;
  Doing doing_ = Doing::nothing;
  bool ends_monitor_ = false;
  std::map<std::string, Adapter> adapters_;
  std::string path_;
  std::string reason_ = "not looked yet";
  bool on_its_way_ = true;
  std::optional<Time> not_before_, activates_until_, rests_since_;
  Time heard_{};
  std::uint64_t begun_ = 0, deaf_ = 0;
};

}  // namespace weather::sensors::bluetooth
