#include "sensors/bluetooth/scanner.hpp"

#include <algorithm>

namespace weather::sensors::bluetooth {
namespace {

bool equal_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(x) == lower(y);
  });
}

}  // namespace

std::string_view adapter_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_no_bluetoothd(const BusError& error) {
  return error.name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
         error.name == "org.freedesktop.DBus.Error.NameHasNoOwner";
}

bool is_not_permitted(const BusError& error) {
  return error.name == "org.freedesktop.DBus.Error.AccessDenied" ||
         error.name == "org.bluez.Error.NotAuthorized";
}

std::string no_bus_text(const BusError& error) {
  return "there is no D-Bus system bus (" + error.text + "): sudo apt install dbus bluez";
}

std::string no_bluetoothd_text() {
  return "bluetoothd does not run: sudo apt install bluez; sudo systemctl enable --now bluetooth";
}

std::string not_permitted_text(const BusError& error) {
  return "bluetoothd may not be asked (" + error.text +
         "): the service needs the group bluetooth, by the drop-in 16-bluetooth.conf";
}

std::string no_adapter_text(std::string_view wanted) {
  const auto which = wanted.empty() ? std::string() : " " + std::string(wanted);
  return "there is no Bluetooth adapter" + which + ": bluetoothctl list shows those there are";
}

std::string switched_off_text(std::string_view path) {
  return "the adapter " + std::string(adapter_name(path)) +
         " is switched off: rfkill unblock bluetooth; bluetoothctl power on";
}

const Adapter* choose_adapter(const std::map<std::string, Adapter>& adapters, std::string_view wanted) {
  const Adapter* first = nullptr;
  for (const auto& [path, adapter] : adapters) {
    if (!wanted.empty() && adapter_name(path) != wanted && !equal_letters(adapter.address, wanted)) continue;
    if (adapter.powered.value_or(false)) return &adapter;
    if (first == nullptr) first = &adapter;
  }
  return first;
}

std::optional<Ask> Scanner::next(Time now) {
  if (asked_) return std::nullopt;
  if (not_before_ && now < *not_before_) return std::nullopt;
  not_before_.reset();
  if (!connected_) return asked_ = Ask::connect;
  if (!there_) return std::nullopt;
  if (!looked_) return asked_ = Ask::look;
  if (doing_ == Doing::registered && activates_until_ && now >= *activates_until_) {
    monitor_failed_ = true;
    doing_ = Doing::ending;
    ends_monitor_ = true;
  }
  if (doing_ == Doing::discovering && rests_since_ && now - *rests_since_ >= options_.rests_at_most)
    doing_ = Doing::nothing;
  if (up() && now - heard_ >= options_.deaf_after) {
    ++deaf_;
    ends_monitor_ = doing_ == Doing::monitoring;
    doing_ = Doing::ending;
  }
  if (doing_ == Doing::ending) return asked_ = ends_monitor_ ? Ask::unregister_monitor : Ask::stop_discovery;
  asked_ = begin();
  return asked_;
}

const Adapter* Scanner::adapter() const {
  const auto found = adapters_.find(path_);
  return found == adapters_.end() ? nullptr : &found->second;
}

std::optional<Ask> Scanner::begin() const {
  const auto* const mine = adapter();
  if (mine == nullptr || !mine->powered.value_or(false)) return std::nullopt;
  if (doing_ == Doing::nothing)
    return mine->monitors && !monitor_failed_ ? Ask::register_monitor : Ask::set_filter;
  return doing_ == Doing::filtered ? std::optional(Ask::start_discovery) : std::nullopt;
}

Scanner::Time Scanner::due() const {
  auto due = Time::max();
  const auto at = [&](Time time) { due = std::min(due, time); };
  if (asked_) return due;
  if (not_before_) return *not_before_;
  if (doing_ == Doing::registered && activates_until_) at(*activates_until_);
  if (doing_ == Doing::discovering && rests_since_) at(*rests_since_ + options_.rests_at_most);
  if (up()) at(heard_ + options_.deaf_after);
  return due;
}

void Scanner::answered(Ask ask, const std::optional<BusError>& error, Time now, double random) {
  if (asked_ != ask) return;  // of before the bus went
  asked_.reset();
  if (error) return failed(*error, ask, now, random);
  switch (ask) {
    case Ask::connect:
      connected_ = true;
      there_ = true;
      break;
    case Ask::look:
      looked_ = true;
      retry_.connected(now);
      choose();
      break;
    case Ask::register_monitor:
      // The activation may have come first.
      if (doing_ == Doing::nothing) {
        doing_ = Doing::registered;
        activates_until_ = now + options_.activates_within;
      }
      break;
    case Ask::set_filter:
      doing_ = Doing::filtered;
      break;
    case Ask::start_discovery:
      started(Doing::discovering, now);
      break;
    case Ask::unregister_monitor:
    case Ask::stop_discovery:
      doing_ = Doing::nothing;
      break;
  }
}

void Scanner::started(Doing doing, Time now) {
  doing_ = doing;
  rests_since_.reset();
  activates_until_.reset();
  heard_ = now;
  because(std::string(adapter_name(path_)) + " begins its scan again", true);  // when it does
  ++begun_;
  retry_.connected(now);
}

void Scanner::failed(const BusError& error, Ask ask, Time now, double random) {
  if (ask == Ask::unregister_monitor || ask == Ask::stop_discovery) {
    doing_ = Doing::nothing;  // it had ended already
    return;
  }
  if (ask == Ask::register_monitor) {
    monitor_failed_ = true;
    return;
  }
  if (ask == Ask::connect) {
    because(no_bus_text(error));
  } else if (is_no_bluetoothd(error)) {
    there_ = false;
    because(no_bluetoothd_text());
    return;
  } else if (is_not_permitted(error)) {
    because(not_permitted_text(error));
  } else {
    because((path_.empty() ? "bluetoothd" : std::string(adapter_name(path_))) +
            (ask == Ask::look ? " does not answer: " : " does not scan: ") + error.text);
  }
  doing_ = Doing::nothing;
  not_before_ = now + retry_.failed(now, random);
}

void Scanner::because(std::string reason, bool on_its_way) {
  reason_ = std::move(reason);
  on_its_way_ = on_its_way;
}

void Scanner::found(const std::vector<Adapter>& adapters) {
  adapters_.clear();
  for (const auto& adapter : adapters) adapters_[adapter.path] = adapter;
}

void Scanner::choose() {
  const auto* const mine = choose_adapter(adapters_, options_.adapter);
  const auto path = mine == nullptr ? std::string() : mine->path;
  // One that scans stays, also where another one has been switched on.
  if (up() && adapter() != nullptr && adapter()->powered.value_or(false)) return;
  if (path != path_) doing_ = Doing::nothing;
  path_ = path;
  if (mine == nullptr) {
    because(no_adapter_text(options_.adapter));
  } else if (!mine->powered.value_or(false)) {
    doing_ = Doing::nothing;
    because(switched_off_text(path_));
  } else if (doing_ == Doing::nothing) {
    because(std::string(adapter_name(path_)) + " does not scan yet", true);
  }
}

void Scanner::forget_bluetoothd() {
  looked_ = false;
  monitor_failed_ = false;
  doing_ = Doing::nothing;
  asked_.reset();
  adapters_.clear();
  path_.clear();
}

void Scanner::hung_up(const BusError& error, Time now, double random) {
  forget_bluetoothd();
  connected_ = false;
  because(no_bus_text(error));
  not_before_ = now + retry_.failed(now, random);
}

void Scanner::bluetoothd(bool there) {
  forget_bluetoothd();
  there_ = there;
  not_before_.reset();
  because(there ? "bluetoothd has just been started" : no_bluetoothd_text(), there);
}

void Scanner::changed(const Adapter& adapter, Time now) {
  auto& known = adapters_[adapter.path];
  known.path = adapter.path;
  if (!adapter.address.empty()) known.address = adapter.address;
  if (adapter.powered) known.powered = adapter.powered;
  if (adapter.discovering) known.discovering = adapter.discovering;
  known.monitors = known.monitors || adapter.monitors;
  if (adapter.path == path_ && adapter.discovering)
    rests_since_ = *adapter.discovering ? std::nullopt : std::optional(now);
  if (!looked_) return;
  if (adapter.powered) not_before_.reset();
  choose();
}

void Scanner::gone(const std::string& path) {
  adapters_.erase(path);
  if (!looked_) return;
  if (path == path_) {
    doing_ = Doing::nothing;
    asked_.reset();
  }
  choose();
}

void Scanner::activated(bool is, Time now) {
  if (is) {
    if (asked_ == Ask::register_monitor || doing_ == Doing::registered) started(Doing::monitoring, now);
    return;
  }
  if (doing_ != Doing::monitoring && doing_ != Doing::registered) return;
  monitor_failed_ = doing_ == Doing::registered;
  doing_ = Doing::nothing;
}

}  // namespace weather::sensors::bluetooth
