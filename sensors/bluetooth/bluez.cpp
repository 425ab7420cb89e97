#include "sensors/bluetooth/bluez.hpp"

#include <cerrno>
#include <cstring>

#include <poll.h>
#include <systemd/sd-bus.h>

#include "sensors/bluetooth/bluez_monitor.hpp"
#include "sensors/bluetooth/bluez_read.hpp"

namespace weather::sensors::bluetooth {
namespace {

constexpr char bluez_name[] = "org.bluez", object_manager[] = "org.freedesktop.DBus.ObjectManager",
               properties[] = "org.freedesktop.DBus.Properties";
// The bus takes some hundred rules of a connection: of more devices, all signals of the adapter are taken.
constexpr std::size_t most_rules = 60;
constexpr int most_at_once = 200;

struct HangUp {
  void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
};
struct Drop {
  void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Slot = std::unique_ptr<sd_bus_slot, Drop>;
using MessagePtr = std::unique_ptr<sd_bus_message, Drop>;

BusError of_errno(int result) {
  return {"", std::strerror(result < 0 ? -result : result)};
}

std::string signal_rule(const std::string& interface, const char* member, const std::string& more) {
  return "type='signal',sender='org.bluez',interface='" + interface + "',member='" + member + "'," + more;
}

}  // namespace

class Bluez::Impl {
 public:
  Impl(BluezOptions options, BluezEvents& events) : options_(std::move(options)), events_(events) {
    monitor_.patterns = options_.patterns;
    monitor_.activated = [this](bool is) { events_.activated(is); };
  }

  void ask(Ask ask, const std::string& adapter) {
    if (ask == Ask::connect) return events_.answered(ask, connect());
    if (!bus_) return;
    listen_to(ask == Ask::look ? std::string() : adapter);
    sd_bus_message* made = nullptr;
    const auto* const path = ask == Ask::look ? "/" : adapter.c_str();
    int result = sd_bus_message_new_method_call(bus_.get(), &made, bluez_name, path, interface_of(ask),
                                                member_of(ask));
    const MessagePtr message(made);
    if (result >= 0) result = sd_bus_message_set_auto_start(made, 0);
    if (result >= 0) result = add_arguments(made, ask);
    sd_bus_slot* slot = nullptr;
    if (result >= 0) result = sd_bus_call_async(bus_.get(), &slot, made, on_answer, this, 0);
    if (result < 0) return events_.answered(ask, of_errno(result));
    call_.reset(slot);
    asked_ = ask;
  }

  bool process() {
    bool any = false;
    for (int i = 0; bus_ && i < most_at_once; ++i) {
      const int result = sd_bus_process(bus_.get(), nullptr);
      if (result == 0) break;
      any = true;
      if (result > 0) continue;
      hang_up();
      events_.hung_up(of_errno(result));
    }
    return any;
  }

  void hang_up() {
    call_.reset();
    device_rules_.clear();
    rules_.clear();
    listened_.clear();
    bus_.reset();
  }

  sd_bus* bus() const { return bus_.get(); }

 private:
  std::optional<BusError> connect() {
    hang_up();
    sd_bus* bus = nullptr;
    int result = sd_bus_open_system(&bus);
    if (result < 0) return of_errno(result);
    bus_.reset(bus);
    (void)sd_bus_set_exit_on_disconnect(bus, 0);
    const auto rule = [&](const std::string& text, sd_bus_message_handler_t handler) {
      if (result >= 0) result = add_rule(rules_, text, handler);
    };
    rule(
        "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
        "member='NameOwnerChanged',arg0='org.bluez'",
        on_owner);
    rule(signal_rule(properties, "PropertiesChanged", "arg0='org.bluez.Adapter1'"), on_changed);
    for (const auto& path : adapter_paths()) {
      rule(signal_rule(object_manager, "InterfacesAdded", "arg0path='" + path + "'"), on_added);
      rule(signal_rule(object_manager, "InterfacesRemoved", "arg0path='" + path + "'"), on_removed);
    }
    if (result >= 0 && !monitor_.show_on(bus)) result = -EIO;
    if (result >= 0) return std::nullopt;
    hang_up();
    return of_errno(result);
  }

  // Which may come later; by its address an adapter can have any name.
  std::vector<std::string> adapter_paths() const {
    if (options_.adapter.starts_with("hci")) return {"/org/bluez/" + options_.adapter};
    std::vector<std::string> paths;
    for (const char number : {'0', '1', '2', '3', '4', '5', '6', '7'})
      paths.push_back(std::string("/org/bluez/hci") + number);
    return paths;
  }

  int add_rule(std::vector<Slot>& to, const std::string& text, sd_bus_message_handler_t handler) {
    sd_bus_slot* slot = nullptr;
    const int result = sd_bus_add_match_async(bus_.get(), &slot, text.c_str(), handler, nullptr, this);
    if (result >= 0) to.emplace_back(slot);
    return result;
  }

  // To what devices of this adapter say.
  void listen_to(const std::string& adapter) {
    if (adapter.empty() || adapter == listened_) return;
    device_rules_.clear();
    listened_ = adapter;
    const auto add = [&](const std::string& of_changed, const std::string& of_added) {
      (void)add_rule(device_rules_,
                     signal_rule(properties, "PropertiesChanged", "arg0='org.bluez.Device1'," + of_changed),
                     on_changed);
      (void)add_rule(device_rules_, signal_rule(object_manager, "InterfacesAdded", of_added), on_added);
    };
    if (options_.all || options_.devices.size() > most_rules)
      return add("path_namespace='" + adapter + "'", "arg0path='" + adapter + "/'");
    for (const auto address : options_.devices) {
      const auto path = device_path(adapter, address);
      add("path='" + path + "'", "arg0path='" + path + "'");
    }
  }

  static const char* interface_of(Ask ask) {
    if (ask == Ask::look) return object_manager;
    return ask == Ask::register_monitor || ask == Ask::unregister_monitor ? manager_interface
                                                                          : adapter_interface;
  }
  static const char* member_of(Ask ask) {
    switch (ask) {
      case Ask::connect:
      case Ask::look:
        return "GetManagedObjects";
      case Ask::register_monitor:
        return "RegisterMonitor";
      case Ask::unregister_monitor:
        return "UnregisterMonitor";
      case Ask::set_filter:
        return "SetDiscoveryFilter";
      case Ask::start_discovery:
        return "StartDiscovery";
      case Ask::stop_discovery:
        return "StopDiscovery";
    }
    return "";
  }
  static int add_arguments(sd_bus_message* message, Ask ask) {
    if (ask == Ask::register_monitor || ask == Ask::unregister_monitor)
      return sd_bus_message_append(message, "o", monitors_path);
    if (ask != Ask::set_filter) return 0;
    // Otherwise a value that stays would be reported once.
    return sd_bus_message_append(message, "a{sv}", 2, "Transport", "s", "le", "DuplicateData", "b", 1);
  }

  static int on_answer(sd_bus_message* message, void* self, sd_bus_error*) {
    static_cast<Impl*>(self)->take_answer(message);
    return 0;
  }
  void take_answer(sd_bus_message* message) {
    call_.reset();
    if (const auto* const error = sd_bus_message_get_error(message)) {
      const auto text = [](const char* chars) { return std::string(chars == nullptr ? "" : chars); };
      return events_.answered(asked_, BusError{text(error->name), text(error->message)});
    }
    if (asked_ == Ask::look && !take_objects(message))
      return events_.answered(asked_, BusError{"", "it does not say what it has as BlueZ does"});
    events_.answered(asked_, std::nullopt);
  }

  // What devices have said before has no time, and is no reading.
  bool take_objects(sd_bus_message* message) {
    std::vector<Adapter> adapters;
    if (sd_bus_message_enter_container(message, 'a', "{oa{sa{sv}}}") < 0) return false;
    int more = 0;
    while ((more = sd_bus_message_enter_container(message, 'e', "oa{sa{sv}}")) > 0) {
      const char* path = nullptr;
      Adapter adapter;
      Advertisement device;
      if (sd_bus_message_read_basic(message, 'o', &path) < 0 ||
          !read_object(
              message, path, [](Under, std::uint16_t) { return false; }, adapter, device) ||
          sd_bus_message_exit_container(message) < 0)
        return false;
      if (!adapter.path.empty()) adapters.push_back(std::move(adapter));
      if (!device.name.empty()) events_.named(device.address, device.name);
    }
    if (more < 0) return false;
    events_.found(adapters);
    return true;
  }

  static int on_owner(sd_bus_message* message, void* self, sd_bus_error*) {
    const char *name = nullptr, *before = nullptr, *after = nullptr;
    if (sd_bus_message_read(message, "sss", &name, &before, &after) >= 0)
      static_cast<Impl*>(self)->events_.bluetoothd(after[0] != 0);
    return 0;
  }

  static int on_changed(sd_bus_message* message, void* self, sd_bus_error*) {
    static_cast<Impl*>(self)->take_change(message);
    return 0;
  }
  void take_change(sd_bus_message* message) {
    const char* interface = nullptr;
    const std::string path = sd_bus_message_get_path(message);
    if (sd_bus_message_read_basic(message, 's', &interface) < 0) return;
    if (std::string_view(interface) == adapter_interface) {
      Adapter adapter;
      adapter.path = path;
      if (read_adapter(message, adapter)) events_.changed(adapter);
      return;
    }
    const auto address = address_of_path(path);
    Advertisement heard;
    if (!address || !read_device(message, options_.reads, heard)) return;
    heard.address = *address;
    report(heard);
  }

  static int on_added(sd_bus_message* message, void* self, sd_bus_error*) {
    static_cast<Impl*>(self)->take_object(message);
    return 0;
  }
  void take_object(sd_bus_message* message) {
    const char* path = nullptr;
    Adapter adapter;
    Advertisement heard;
    if (sd_bus_message_read_basic(message, 'o', &path) < 0 ||
        !read_object(message, path, options_.reads, adapter, heard))
      return;
    if (!adapter.path.empty()) return events_.changed(adapter);
    if (adapter.monitors) {  // offered a moment after the adapter itself
      adapter.path = path;
      return events_.changed(adapter);
    }
    if (heard.address != 0) report(heard);
  }

  void report(const Advertisement& heard) {
    if (!heard.manufacturer.empty() || !heard.service.empty()) return events_.advertised(heard);
    if (!heard.name.empty()) events_.named(heard.address, heard.name);
    if (heard.rssi_dbm) events_.heard_again(heard.address, *heard.rssi_dbm);
  }

  // Of an adapter, or of an interface that it offers no more.
  static int on_removed(sd_bus_message* message, void* self, sd_bus_error*) {
    const char *path = nullptr, *interface = nullptr;
    if (sd_bus_message_read_basic(message, 'o', &path) < 0 ||
        sd_bus_message_enter_container(message, 'a', "s") < 0)
      return 0;
    while (sd_bus_message_read_basic(message, 's', &interface) > 0)
      if (std::string_view(interface) == adapter_interface) static_cast<Impl*>(self)->events_.gone(path);
    return 0;
  }

  const BluezOptions options_;
  BluezEvents& events_;
  BluezMonitor monitor_;
  std::unique_ptr<sd_bus, HangUp> bus_;
  Slot call_;
  Ask asked_ = Ask::connect;
  std::vector<Slot> rules_, device_rules_;
  std::string listened_;  // the adapter of device_rules_
};

Bluez::Bluez(BluezOptions options, BluezEvents& events)
    : impl_(std::make_unique<Impl>(std::move(options), events)) {}
Bluez::~Bluez() {
  hang_up();
}
void Bluez::ask(Ask ask, const std::string& adapter_path) {
  impl_->ask(ask, adapter_path);
}
bool Bluez::process() {
  return impl_->process();
}
int Bluez::descriptor() const {
  return impl_->bus() == nullptr ? -1 : sd_bus_get_fd(impl_->bus());
}
short Bluez::events() const {
  const int events = impl_->bus() == nullptr ? 0 : sd_bus_get_events(impl_->bus());
  return static_cast<short>(events < 0 ? POLLIN : events);
}
std::optional<std::uint64_t> Bluez::timeout_us() const {
  std::uint64_t at = 0;
  if (impl_->bus() == nullptr || sd_bus_get_timeout(impl_->bus(), &at) < 0 || at == UINT64_MAX)
    return std::nullopt;
  return at;
}
void Bluez::hang_up() {
  impl_->hang_up();
}

}  // namespace weather::sensors::bluetooth
