// SIGHUP and `weather-gateway reload`: the configuration is read and checked as
// a whole; then what can change in a running gateway changes, or nothing does
// and it is said why.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace weather::gateway {

struct ReloadReport {
  bool good = false;                       // false: nothing has changed
  std::vector<std::string> faults;         // one sentence each
  std::vector<std::string> applied;        // sections and keys that took effect
  std::vector<std::string> needs_restart;  // keys that wait for the next start
};

// A reload that fails unexpectedly is refused like one with
// faults; it never ends the process.
ReloadReport guarded(const std::function<ReloadReport()>& reload);

std::string to_json(const ReloadReport& report);
std::string to_text(const ReloadReport& report);  // one line

}  // namespace weather::gateway
