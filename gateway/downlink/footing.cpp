#include "gateway/downlink/footing.hpp"

namespace weather::gateway::downlink {

std::set<std::string> unreached(const Footing& footing) {
  std::set<std::string> names;
  for (const auto& route : footing.routes)
    if (!route.reached && !route.held) names.insert(route.name);
  return names;
}

std::string lacking(const Footing& now, const std::map<std::string, std::uint64_t>& delivered,
                    const std::set<std::string>& excused) {
  if (!now.settled) return "the routes are being made anew";
  for (const auto& route : now.routes) {
    if (route.held || excused.contains(route.name)) continue;
    if (!route.reached) return "route " + route.name + " does not reach Kafka";
    const auto before = delivered.find(route.name);
    if (route.waiting > 0 && before != delivered.end() && route.delivered <= before->second)
      return "nothing of route " + route.name + " was confirmed";
  }
  return {};
}

}  // namespace weather::gateway::downlink
