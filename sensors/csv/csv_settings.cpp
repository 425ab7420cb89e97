#include "sensors/csv/csv_settings.hpp"

#include <algorithm>
#include <array>

#include "sensors/csv/csv_line.hpp"

namespace weather::sensors {
namespace {

using Error = tl::unexpected<std::string>;

std::string_view setting(const DecoderSettings& settings, std::string_view key) {
  const auto found = settings.find(key);
  return found == settings.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<std::string> foreign_key(const DecoderSettings& settings, TableForm form) {
  constexpr std::array keys{"columns", "decimal", "delimiter",   "id",
                            "missing", "time",    "time_format", "zone"};
  for (const auto& [key, value] : settings) {
    if (std::ranges::find(keys, key) == keys.end())
      return "a table has no setting \"" + key +
             "\"; known are columns, decimal, delimiter, id, missing, time, time_format and zone";
    const bool given_by_file = key == "columns" || key == "delimiter" || key == "decimal" || key == "time";
    if (form == TableForm::toa5 && given_by_file)
      return "format toa5 has no setting \"" + key + "\": the file says it";
  }
  return std::nullopt;
}

std::optional<char> delimiter_of(std::string_view text) {
  if (text.empty()) return ',';
  if (text == "tab" || text == "\\t" || text == "\t") return '\t';
  if (text == "blank" || text == "space" || text == " ") return ' ';
  if (text.size() == 1 && std::string_view("\"\\+-.0123456789").find(text[0]) == std::string_view::npos &&
      static_cast<unsigned char>(text[0]) > ' ' && static_cast<unsigned char>(text[0]) < 0x7F)
    return text[0];
  return std::nullopt;
}

}  // namespace

tl::expected<CsvSettings, std::string> csv_settings(TableForm form, const DecoderSettings& settings) {
  if (auto foreign = foreign_key(settings, form)) return Error(std::move(*foreign));
  CsvSettings out;
  out.form = form;
  const auto delimiter = delimiter_of(setting(settings, "delimiter"));
  if (!delimiter) return Error("delimiter is one character, tab or blank");
  out.delimiter = *delimiter;
  const auto decimal = setting(settings, "decimal");
  if (!decimal.empty() && decimal != "." && decimal != ",") return Error("decimal is . or ,");
  out.decimal = decimal == "," ? ',' : '.';
  if (out.decimal == out.delimiter)
    return Error("decimal and delimiter are both \",\": set delimiter, often \";\"");
  if (const auto columns = setting(settings, "columns"); !columns.empty()) {
    auto names = split_csv(columns, out.delimiter);
    if (!names) return Error("columns: " + names.error());
    out.columns = std::move(*names);
  }
  if (const auto time = setting(settings, "time"); !time.empty())
    out.time = split_csv(time, '+').value_or(std::vector{std::string(time)});
  auto time_format = csv_time_format(setting(settings, "time_format"), setting(settings, "zone"));
  if (!time_format) return Error(std::move(time_format.error()));
  out.time_format = std::move(*time_format);
  out.missing = split_csv(setting(settings, "missing"), ' ').value_or(std::vector<std::string>{});
  out.id = setting(settings, "id");
  if (form == TableForm::toa5) {
    out.time = {"TIMESTAMP"};
    if (out.id.empty()) out.id = "campbell:{station}:{table}";
  }
  if (out.id.empty())
    return Error(
        "a table needs an id: the sensor that its lines are from, such as \"roof\", or {column} to take it "
        "from one");
  return out;
}

}  // namespace weather::sensors
