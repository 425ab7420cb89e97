// Fuzz target: every preset on any topic and payload, twice (the second time as a repeat), and explained.
// First byte: the preset; then the topic up to a newline; then the payload.
#include <cstdint>
#include <string_view>

#include "sensors/mapping/presets.hpp"
#include "sensors/mapping/toml.hpp"
#include "tests/fuzz/accounts.hpp"
#include "tests/fuzz/readings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::sensors;
  static const auto all = [] {
    std::vector<std::vector<Mapping>> out;
    for (const auto& preset : presets()) out.push_back(*mappings_from_text(preset.toml));
    auto common =
        mappings_from_text("[[mapping]]\ntopics = [\"t/{d}\"]\nid = \"{d}\"\ncommon_names = true\n");
    out.push_back(*common);
    return out;
  }();
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto newline = std::min(rest.find('\n'), rest.size());
  Message message;
  message.topic = rest.substr(0, newline);
  message.payload = newline < rest.size() ? rest.substr(newline + 1) : std::string_view();
  Mapper mapper(all[data[0] % all.size()]);
  Account account;
  message.account = &account;
  const auto first = mapper.decode(message);
  demand_sound(first);
  demand(is_accounted(first, account, Shape::json, message.payload));
  message.account = nullptr;
  demand_sound(mapper.decode(message));
  demand(!mapper.explain(message).empty());
  return 0;
}
