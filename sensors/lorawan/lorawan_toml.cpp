#include "sensors/lorawan/lorawan_toml.hpp"

#include <utility>

#include "sensors/mapping/rule_toml.hpp"

namespace weather::sensors {

tl::expected<LorawanOptions, std::vector<TomlError>> lorawan_from_table(const toml::table& table) {
  TableReader in;
  in.known_keys(table, "[lorawan]", {"field"});
  LorawanOptions out;
  out.fields = rules_from_table(in, table, "[[lorawan.field]]");
  if (!in.errors.empty()) return tl::unexpected(std::move(in.errors));
  return out;
}

}  // namespace weather::sensors
