#include "sensors/mapping/presets.hpp"

#include <string>

#include <sysexits.h>

#include "gateway/commands/commands.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"

namespace weather::gateway {
namespace {

// The first sentence of its comment.
std::string summary_of(std::string_view toml) {
  std::string out;
  while (toml.starts_with("# ")) {
    const auto end = toml.find('\n');
    out += (out.empty() ? "" : " ") + std::string(toml.substr(2, end - 2));
    toml.remove_prefix(end + 1);
  }
  return out.substr(0, out.find(". "));
}

}  // namespace

int presets_command(const std::string& name) {
  if (name.empty()) {
    for (const auto& preset : sensors::presets())
      print_line(format("%-16s %s", std::string(preset.name).c_str(), summary_of(preset.toml).c_str()));
    return EX_OK;
  }
  const auto* preset = sensors::find_preset(name);
  if (preset == nullptr) {
    std::string known;
    for (const auto& each : sensors::presets()) known += (known.empty() ? "" : ", ") + std::string(each.name);
    return complain("no preset \"" + name + "\"; there are " + known, EX_USAGE);
  }
  print_own(preset->toml);
  return EX_OK;
}

}  // namespace weather::gateway
