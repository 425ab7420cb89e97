#include "sensors/bluetooth/bluez_look.hpp"

#include <poll.h>

#include "sensors/bluetooth/bluez.hpp"

namespace weather::sensors::bluetooth {
namespace {

class Looking final : public BluezEvents {
 public:
  bool done = false;
  BluezLook look;

  void answered(Ask ask, const std::optional<BusError>& error) override {
    look.error = error;
    if (ask == Ask::connect)
      look.bus = !error;
    else
      done = true;
  }
  void found(const std::vector<Adapter>& adapters) override {
    for (const auto& adapter : adapters) look.adapters[adapter.path] = adapter;
  }
  void hung_up(const BusError& error) override {
    look.error = error;
    done = true;
  }
  void bluetoothd(bool) override {}
  void changed(const Adapter&) override {}
  void gone(const std::string&) override {}
  void activated(bool) override {}
  void named(Address, const std::string&) override {}
  void advertised(const Advertisement&) override {}
  void heard_again(Address, std::int16_t) override {}
};

}  // namespace

BluezLook look_at_bluez(std::chrono::milliseconds longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  Looking looking;
  BluezOptions options;
  options.reads = [](Under, std::uint16_t) { return false; };
  Bluez bluez(std::move(options), looking);
  bluez.ask(Ask::connect, {});
  if (!looking.look.bus) return looking.look;
  bluez.ask(Ask::look, {});
  while (!looking.done && std::chrono::steady_clock::now() < until) {
    if (bluez.process()) continue;
    constexpr int step_ms = 50;
    pollfd file{bluez.descriptor(), bluez.events(), 0};
    (void)::poll(&file, 1, step_ms);
  }
  if (!looking.done) looking.look.error = BusError{"", "it does not answer"};
  return looking.look;
}

std::string bluetooth_obstacle(const BluezLook& look, std::string_view adapter) {
  if (!look.bus) return no_bus_text(look.error.value_or(BusError{}));
  if (look.error) {
    if (is_no_bluetoothd(*look.error)) return no_bluetoothd_text();
    if (is_not_permitted(*look.error)) return not_permitted_text(*look.error);
    return "bluetoothd: " + look.error->text;
  }
  const auto* const chosen = choose_adapter(look.adapters, adapter);
  if (chosen == nullptr) return no_adapter_text(adapter);
  return chosen->powered.value_or(false) ? std::string() : switched_off_text(chosen->path);
}

}  // namespace weather::sensors::bluetooth
