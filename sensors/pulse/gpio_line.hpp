// A line of a GPIO chip whose edges are reported: the kernel's character device, uAPI v2 (linux/gpio.h). One
// thread.
#pragma once

#include <cstdint>

#include "sensors/pulse/gpio_chips.hpp"
#include "sensors/pulse/pulse_line.hpp"

namespace weather::sensors {

enum class LineBias : std::uint8_t { as_is, pull_up, pull_down, disabled };

struct GpioLineOptions {
  GpioPlace place;
  CountedEdge edge = CountedEdge::falling;
  LineBias bias = LineBias::pull_up;
  bool active_low = false;
  std::uint32_t debounce_us = 0;  // where the kernel cannot, the filter does it
};

class GpioLine final : public PulseLine {
 public:
  explicit GpioLine(GpioLineOptions options) : options_(std::move(options)) {}

  tl::expected<Opened, std::string> open() override;
  int descriptor() const override { return line_.get(); }
  tl::expected<std::vector<LineEdge>, std::string> read() override;
  void close() override { line_ = OwnedFile(); }

 private:
  int request(const GpioLineFound& found, bool kernel_debounces);  // 0, or errno

  const GpioLineOptions options_;
  OwnedFile line_;
  std::string what_;
};

}  // namespace weather::sensors
