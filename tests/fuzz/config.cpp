// Fuzz target: any text as a configuration, the way `check` and a reload take it. What is accepted must be
// shown again without a fault, and a fault has a place and says something.
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/config/check.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/render.hpp"
#include "tests/fuzz/readings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::gateway;
  using weather::sensors::demand;
  if (size > 16384) return 0;
  const std::vector<ConfigText> texts{
      {"/etc/wg/main.toml", std::string(reinterpret_cast<const char*>(data), size)}};
  const auto demand_sound = [](const std::vector<ConfigError>& faults) {
    for (const auto& fault : faults) demand(!fault.text.empty() && !to_string(fault).empty());
  };
  const auto config = load(texts, {});
  if (!config) {
    demand(!config.error().empty());
    demand_sound(config.error());
    return 0;
  }
  demand_sound(check(*config));
  demand(!render_origins(*config, true).empty());
  render_origins(*config, false);
  return 0;
}
