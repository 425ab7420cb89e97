#include "gateway/app/line_reading.hpp"

#include "gateway/app/formats.hpp"

namespace weather::gateway {

tl::expected<LineReading, std::string> line_reading(const Config& config, const std::string& format,
                                                    const std::map<std::string, std::string>& table) {
  const auto registry = make_registry(config, nullptr);
  const auto* known = registry.find(format);
  if (known == nullptr) return tl::unexpected(no_format(format, registry));
  auto decoder = registry.make(format, {table.begin(), table.end()});
  if (!decoder) return tl::unexpected(decoder.error());
  return LineReading{std::move(*decoder), table.contains("columns") ? 0 : known->heading_lines};
}

tl::expected<std::map<std::string, std::string>, std::string> table_settings(
    const std::vector<std::string>& written) {
  std::map<std::string, std::string> settings;
  for (const auto& text : written) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return tl::unexpected("\"" + text + "\" must be KEY=VALUE, for example id=roof");
    settings[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return settings;
}

}  // namespace weather::gateway
