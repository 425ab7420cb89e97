// What the demo shows. Pure: numbers in, lines out.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace weather::gateway {

struct DemoView {
  std::chrono::milliseconds elapsed{};
  bool link_up = true;
  bool draining = false;  // the stations have stopped
  std::string word;       // "online", "catching up": the gateway's own verdict
  std::string state;      // the gateway's own verdict, a sentence
  std::uint64_t accepted = 0, delivered = 0, waiting = 0;
  double accepted_per_s = 0, delivered_per_s = 0;
  std::deque<std::string> seen;   // what the consumer printed last, newest at the end
  std::deque<std::string> story;  // what happened, newest at the end
};

std::vector<std::string> demo_screen(const DemoView& view, std::size_t width, std::size_t height,
                                     bool colour);
std::string demo_line(const DemoView& view);  // where there is no terminal

}  // namespace weather::gateway
