// Which line of which GPIO chip is meant, by the kernel's character devices (uAPI v2, linux/gpio.h,
// Linux 5.10). Blocks hardly; any thread. Every error says what happened, to what, and what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/sources/owned_file.hpp"

namespace weather::sensors {

struct GpioPlace {
  std::string chip;  // a path, the label or name of a chip; empty: the one that has a line of that name
  std::string line;  // its number, or its name
  std::filesystem::path devices = "/dev";  // where the chips are, for tests
};

struct GpioLineFound {
  OwnedFile chip;
  std::filesystem::path path;
  std::uint32_t number = 0;
  std::string name;  // may be empty
  bool used = false;
  std::string consumer;  // who has it, if anybody; may be empty

  std::string what() const;    // "line 6 (GPIO6) of /dev/gpiochip0"
  std::string in_use() const;  // "line 6 ... is in use by \"w1\": ..."
};

inline constexpr char gpio_consumer[] = "weather-gateway";

tl::expected<GpioLineFound, std::string> find_gpio_line(const GpioPlace& place);
// "/dev/gpiochip0 (pinctrl-bcm2711, 58 lines)": of those that may be opened, each once.
std::vector<std::string> gpio_chip_names(const std::filesystem::path& devices = "/dev");

}  // namespace weather::sensors
