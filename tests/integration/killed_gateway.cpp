// The gateway, but for one thing: at the given place of exactly-once it ends as kill -9 ends it.
//
//   killed_gateway CONFIG PLACE COUNT [MICROSECONDS]
//
// PLACE: see bridge::ForwarderOptions::at_place; "cursor_on_card" is "cursor_moved" with the log's own cursor
// written first. COUNT: which time it comes by, 1 the first. MICROSECONDS: so long after it, while the
// program goes on. PLACE "-" never comes.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include <signal.h>
#include <unistd.h>

#include "bridge/log/log.hpp"
#include "gateway/commands/commands.hpp"

namespace {

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  std::abort();  // not reached
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: killed_gateway CONFIG PLACE COUNT [MICROSECONDS]\n";
    return EXIT_FAILURE;
  }
  const bool on_card = std::string_view(arguments[2]) == "cursor_on_card";
  const std::string wanted = on_card ? "cursor_moved" : arguments[2];
  const std::chrono::microseconds delay(count > 4 ? std::atoll(arguments[4]) : 0);
  int left = std::atoi(arguments[3]);
  weather::gateway::RunOptions options;
  options.config_file = arguments[1];
  options.at_place = [=](std::string_view place, weather::log::Log& log) mutable {
    if (place != wanted || --left != 0) return;
    if (on_card && !log.flush_cursors()) std::abort();
    if (delay.count() == 0) die();
    std::thread([delay] {
      std::this_thread::sleep_for(delay);
      die();
    }).detach();
  };
  return weather::gateway::run_command(options);
}
