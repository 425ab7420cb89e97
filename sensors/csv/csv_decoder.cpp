#include "sensors/csv/csv_decoder.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "sensors/account.hpp"
#include "sensors/csv/column_names.hpp"
#include "sensors/csv/csv_line.hpp"
#include "sensors/csv/table_rules.hpp"
#include "sensors/reading/builder.hpp"
#include "sensors/reading/letters.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/units.hpp"

namespace weather::sensors {
namespace {

constexpr std::size_t most_columns = max_leaves;

std::string_view without_mark(std::string_view line) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (line.starts_with(mark)) line.remove_prefix(mark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.emplace_back(without_mark(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return out;
}

// The columns that are the time of a table without a description.
std::vector<std::string> usual_time(const std::vector<std::string>& names) {
  constexpr std::array whole{"timestamp", "time", "datetime", "date_time", "date time", "date/time", "ts"};
  const auto has = [&](std::string_view name) {
    return std::ranges::find_if(names, [&](const auto& one) { return lower(one) == name; });
  };
  if (const auto date = has("date"), time = has("time"); date != names.end() && time != names.end())
    return {*date, *time};
  for (const auto* name : whole)
    if (const auto found = has(name); found != names.end()) return {*found};
  return {};
}

template <class Range, class NameOf = std::identity>
std::string listed(const Range& all, NameOf name_of = {}) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : ", ") + to_utf8(std::invoke(name_of, one), 40);
  return out;
}

DecodeError error(const char* reason, std::string text) {
  return {reason, std::move(text)};
}

}  // namespace

CsvDecoder::CsvDecoder(CsvSettings settings)
    : settings_(std::move(settings)), rules_(table_rules(settings_.form == TableForm::toa5)) {
  if (!settings_.columns.empty()) unusable_ = name_columns(settings_.columns, {});
}

Decoded CsvDecoder::decode(const Message& message) {
  if (is_heading(message)) return std::vector<Reading>{};
  if (unusable_) return tl::unexpected(*unusable_);
  auto cells = split_csv(without_mark(message.payload), settings_.delimiter);
  if (!cells) return tl::unexpected(error("csv_quote", cells.error()));
  if (cells->size() == columns_.size() + 1 && cells->back().empty()) cells->pop_back();
  if (cells->size() != columns_.size())
    return tl::unexpected(error(
        "csv_columns",
        std::to_string(cells->size()) + " cells where the heading has " + std::to_string(columns_.size())));
  Reading reading;
  reading.mutable_source()->set_adapter(settings_.form == TableForm::toa5 ? "toa5" : "csv");
  if (!time_.empty()) {
    const auto time = time_of(*cells);
    if (!time)
      return tl::unexpected(
          error("csv_time", "the time is not as configured (time_format, or zone if it has none): \"" +
                                to_utf8((*cells)[time_.front()], 60) + "\""));
    set_event_time(reading, *time, v1::TIME_SENSOR);
  }
  reading.set_sensor_id(id_of(*cells));
  if (reading.sensor_id().empty()) return tl::unexpected(error("no_sensor_id", "the id's column is empty"));
  const auto& leaves = leaves_of(*cells);
  const auto applied = apply_rules(
      {rules_, nullptr, message.units}, leaves, {}, [&](const Captures&) { return &reading; },
      message.account != nullptr);
  reading.set_extra_json(unmapped_object(leaves, applied.consumed()));
  if (message.account != nullptr) {
    account_for(*message.account, leaves, applied);
    for (const auto& column : columns_)
      if (column.role != Column::Role::value)
        message.account->add(to_utf8(column.name),
                             column.role == Column::Role::time ? Became::time : Became::identity);
  }
  if (reading.quantities().empty())
    return tl::unexpected(
        error("no_quantity", "no column says by its name what it is: " + listed(columns_, &Column::name)));
  return one_reading(std::move(reading));
}

// Of a file the heading is given; of anything else it is what comes first.
bool CsvDecoder::is_heading(const Message& message) {
  const auto line = without_mark(message.payload);
  if (!message.heading.empty()) {
    if (message.heading != heading_) {
      heading_ = message.heading;
      learn(lines_of(heading_));
    }
  } else if (settings_.columns.empty() && lines_.size() < settings_.heading_lines()) {
    auto lines = lines_;
    lines.emplace_back(line);
    learn(std::move(lines));
  }
  const bool said = std::ranges::find(lines_, line) != lines_.end();
  if (settings_.columns.empty() || settings_.form == TableForm::toa5) return said && !unusable_;
  // Names are known: a first line that has none of them may be a reading.
  if (!said) return false;
  const auto cells = split_csv(line, settings_.delimiter);
  return cells &&
         std::ranges::none_of(*cells, [](const auto& cell) { return parse_number(cell).has_value(); });
}

void CsvDecoder::learn(std::vector<std::string> lines) {
  lines_ = std::move(lines);
  if (lines_.size() > settings_.heading_lines()) lines_.resize(settings_.heading_lines());
  if (settings_.form == TableForm::toa5) {
    unusable_ = learn_toa5();
  } else if (settings_.columns.empty()) {
    unusable_ = learn_columns();
  }
}

std::optional<DecodeError> CsvDecoder::learn_columns() {
  const auto names = split_csv(lines_.front(), settings_.delimiter);
  if (!names) return error("csv_header", "the heading: " + names.error());
  const auto is_number = [](const auto& cell) { return cell.empty() || parse_number(cell).has_value(); };
  if (std::ranges::any_of(*names, is_number))
    return error("csv_header",
                 "the first line is no heading of names; name the columns in the configuration: \"" +
                     to_utf8(lines_.front(), 60) + "\"");
  return name_columns(*names, {});
}

// "TOA5",station,model,serial,OS,program,signature,table; names; units; how they were processed.
std::optional<DecodeError> CsvDecoder::learn_toa5() {
  const auto about = split_csv(lines_.front(), ',');
  if (!about || about->size() < 8 || about->front() != "TOA5")
    return error("csv_header", "the first line of a TOA5 table begins with \"TOA5\" and has eight cells");
  about_ = {{"station", (*about)[1]}, {"logger", (*about)[2] + "-" + (*about)[3]}, {"table", (*about)[7]}};
  if (lines_.size() < 3) return std::nullopt;
  const auto names = split_csv(lines_[1], ','), units = split_csv(lines_[2], ',');
  if (!names || !units || names->size() != units->size())
    return error("csv_header", "a TOA5 table has as many units in its third line as names in its second");
  return name_columns(*names, *units);
}

std::optional<DecodeError> CsvDecoder::name_columns(const Cells& names, const Cells& units) {
  if (names.size() > most_columns)
    return error("csv_header",
                 std::to_string(names.size()) + " columns; " + std::to_string(most_columns) + " are read");
  columns_.clear();
  leaves_.clear();
  time_.clear();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto unit = units.empty() ? std::nullopt : std::optional<std::string_view>(units[i]);
    const auto meant =
        meant_by(settings_.form == TableForm::toa5 ? spelled_out(names[i]) : names[i], i, unit);
    Column column{names[i], meant.name, meant.unit};
    if (settings_.id.find("{" + names[i] + "}") != std::string::npos) column.role = Column::Role::identity;
    columns_.push_back(std::move(column));
  }
  const auto wanted = settings_.time.empty() ? usual_time(names) : settings_.time;
  for (const auto& name : wanted) {
    const auto at = std::ranges::find(columns_, name, &Column::name);
    if (at == columns_.end())
      return error("csv_header",
                   "no column \"" + to_utf8(name) + "\" for the time; there are " + listed(names));
    at->role = Column::Role::time;
    time_.push_back(static_cast<std::size_t>(at - columns_.begin()));
  }
  return std::nullopt;
}

std::optional<std::int64_t> CsvDecoder::time_of(const Cells& cells) const {
  std::string text;
  for (const auto at : time_) text += (text.empty() ? "" : " ") + cells[at];
  return csv_time(text, settings_.time_format);
}

std::string CsvDecoder::id_of(const Cells& cells) const {
  const auto said = [&](std::string_view name, std::string& out) {
    const auto column = std::ranges::find(columns_, name, &Column::name);
    const auto known = about_.find(name);
    const std::string* text = column != columns_.end()
                                  ? &cells[static_cast<std::size_t>(column - columns_.begin())]
                              : known != about_.end() ? &known->second
                                                      : nullptr;
    if (text != nullptr) out += *text;
    return text != nullptr && !text->empty();
  };
  const std::string_view id = settings_.id;
  const auto end = id.rfind('}') + 1;  // a brace that is never closed is one
  std::string out;
  return expand_template(id.substr(0, end), said, out) ? to_utf8(out.append(id.substr(end))) : std::string();
}

// All that is the same in each line is made with the first one.
const std::vector<Leaf>& CsvDecoder::leaves_of(const Cells& cells) {
  if (leaves_.empty())
    for (const auto& column : columns_)
      if (column.role == Column::Role::value) leaves_.push_back({{column.leaf}, {}, column.unit});
  auto leaf = leaves_.begin();
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].role == Column::Role::value) (leaf++)->value = value_of_cell(cells[i]);
  return leaves_;
}

Scalar CsvDecoder::value_of_cell(const std::string& cell) const {
  if (cell.empty() || std::ranges::find(settings_.missing, cell) != settings_.missing.end())
    return std::monostate{};
  std::string text = cell;
  if (settings_.decimal == ',' && std::ranges::count(text, ',') == 1 && text.find('.') == std::string::npos)
    text[text.find(',')] = '.';
  if (const auto number = parse_number(text))
    return std::visit([](auto value) { return Scalar(value); }, *number);
  return to_utf8(cell);
}

}  // namespace weather::sensors
