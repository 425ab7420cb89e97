#include "gateway/app/memory_watch.hpp"

#include "gateway/config/values.hpp"
#include "gateway/status/status.hpp"

namespace weather::gateway {

Refusals refusals(const sensors::MemoryBudget& budget) {
  Refusals result{};
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = budget.use(static_cast<sensors::Holder>(i)).refused;
  return result;
}

std::string refusal_line(const Refusals& before, const Refusals& now, const sensors::MemoryBudget& budget) {
  std::string what;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] == before[i]) continue;
    what += (what.empty() ? "" : ", ") + std::string(sensors::to_string(static_cast<sensors::Holder>(i))) +
            " " + human_count(now[i] - before[i]) + " times";
  }
  if (what.empty()) return what;
  return "memory is short: refused in the last minute: " + what + "; limits.memory is " +
         format_size(budget.limit());
}

}  // namespace weather::gateway
