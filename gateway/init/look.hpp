// What a machine has that a gateway can use. Blocks; takes nothing from anybody and leaves nothing behind.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/init/plan.hpp"

namespace weather::gateway {

// The ports that a mosquitto.conf listens on. Pure.
std::vector<int> mosquitto_ports(std::string_view config);

// URLs of brokers that may be on this machine: the usual port, and those of mosquitto's own settings.
std::vector<std::string> possible_brokers(const std::filesystem::path& root);

enum class BrokerAnswer : unsigned char { none, accepts, wants_log_in };
BrokerAnswer ask_broker(const std::string& url, std::chrono::milliseconds timeout);

// Each kind of bus with the sensors that answered.
std::vector<InitBus> find_buses(const std::filesystem::path& root);
std::string text_of_file(const std::filesystem::path& file);  // empty if it cannot be read
// Serial adapters by the names that do not change: what is at their other end is not known.
std::vector<std::string> serial_adapters(const std::filesystem::path& root);
// I2C buses that programs may use. What is on them is not asked: a question may be a command to another chip.
std::vector<std::string> i2c_buses(const std::filesystem::path& root);
bool has_rtl_433(const std::filesystem::path& root);
// "/dev/gpiochip0 (pinctrl-rp1, 54 lines)": nor what hangs on their lines.
std::vector<std::string> gpio_chips(const std::filesystem::path& root);

}  // namespace weather::gateway
