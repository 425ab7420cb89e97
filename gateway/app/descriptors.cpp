#include "gateway/app/descriptors.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace weather::gateway {
namespace {

// Segments, cursors, dead letters, the control socket and commands on it, timers, pipes, buses.
constexpr std::uint64_t reserved = 128;
constexpr std::uint64_t reserved_each_route = 16;  // brokers
// gateway/http and sensors/http close what comes beyond.
constexpr std::uint64_t page = 64, each_http = 64;
constexpr std::size_t most_connecting = 256;

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);  // what it was does for fewer connections
}

std::uint64_t descriptor_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

std::vector<ConnectionPlaces> share_descriptors(const Config& config, std::uint64_t limit) {
  const std::uint64_t others = reserved +
                               reserved_each_route * std::max<std::size_t>(1, config.route.size()) +
                               (config.web.enabled ? page : 0) + each_http * config.http.size();
  const std::uint64_t left = limit - std::min(limit, others);
  std::uint64_t wanted = 0;
  for (const auto& listener : config.listener) wanted += listener.max_connections + most_connecting;
  std::vector<ConnectionPlaces> places;
  for (const auto& listener : config.listener) {
    const auto asked = static_cast<std::size_t>(listener.max_connections);
    if (wanted <= left) {
      places.push_back({asked, most_connecting});
      continue;
    }
    const auto part = static_cast<std::size_t>(left * (asked + most_connecting) / wanted);
    const auto connecting = std::clamp<std::size_t>(part / 4, 1, most_connecting);
    places.push_back({std::clamp<std::size_t>(part - std::min(part, connecting), 1, asked), connecting});
  }
  return places;
}

}  // namespace weather::gateway
