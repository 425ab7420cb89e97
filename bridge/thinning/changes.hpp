// Which readings say something new: a difference to what was sent last of their sensor, or a heartbeat. Pure;
// one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/encode/reading_match.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

class Changes {
 public:
  // Throws std::runtime_error if the route's match is malformed.
  explicit Changes(const RouteOptions& route);

  // True: it is to be sent, and is what the next ones are compared with. What cannot be read is sent, for the
  // encoder to judge.
  bool sends(std::string_view payload, std::int64_t time_ns);
  void forget() { sent_.clear(); }  // the next reading of each sensor is sent

 private:
  struct Sent {
    std::int64_t time_ns = 0;
    std::uint32_t flags = 0;
    // By name, part and statistic; what is no number by its words.
    std::map<std::string, std::pair<double, std::string>, std::less<>> values;
  };

  bool differs(const Sent& sent);
  double smallest_change(std::string_view quantity) const;

  const Thinning thinning_;
  ReadingMatch match_;
  std::unordered_map<std::string, Sent> sent_;  // by sensor
  sensors::ReadingView reading_;
  std::string key_, words_;  // kept for their memory
};

}  // namespace weather::bridge
