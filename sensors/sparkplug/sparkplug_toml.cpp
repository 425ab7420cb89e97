#include "sensors/sparkplug/sparkplug_toml.hpp"

#include <utility>

#include "sensors/mapping/rule_toml.hpp"

namespace weather::sensors {

tl::expected<SparkplugOptions, std::vector<TomlError>> sparkplug_from_table(const toml::table& table) {
  TableReader in;
  in.known_keys(table, "[sparkplug]", {"host_id", "rebirth_retry", "field"});
  SparkplugOptions out;
  out.host_id = in.text(table, "host_id").value_or("");
  // Topic levels: a wildcard or another level would be another topic (Sparkplug 3.0, 4.1).
  if (out.host_id.find_first_of("+#/") != std::string::npos)
    in.error(*table.get("host_id"), "host_id is one level of a topic: no +, # or /");
  if (const auto seconds = in.seconds(table, "rebirth_retry")) {
    if (*seconds == 0) in.error(*table.get("rebirth_retry"), "rebirth_retry must be at least 1s");
    out.rebirth_retry_ns = std::int64_t{*seconds} * 1'000'000'000;
  }
  out.fields = rules_from_table(in, table, "[[sparkplug.field]]");
  if (!in.errors.empty()) return tl::unexpected(std::move(in.errors));
  return out;
}

}  // namespace weather::sensors
