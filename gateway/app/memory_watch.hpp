// What the memory budget refused, for a MinuteWatch.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sensors/budget/memory_budget.hpp"

namespace weather::gateway {

using Refusals = std::array<std::uint64_t, sensors::holder_count>;

Refusals refusals(const sensors::MemoryBudget& budget);
// One line about what was refused between the two, empty if nothing was. Pure.
std::string refusal_line(const Refusals& before, const Refusals& now, const sensors::MemoryBudget& budget);

}  // namespace weather::gateway
