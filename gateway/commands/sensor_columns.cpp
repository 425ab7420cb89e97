#include "gateway/commands/sensor_columns.hpp"

#include <algorithm>

#include <boost/json/value.hpp>

#include "gateway/output/columns.hpp"
#include "gateway/output/style.hpp"
#include "gateway/status/status.hpp"
#include "gateway/status/value_text.hpp"
#include "gateway/top/lines.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t narrow = 100;

struct Cells {
  std::string id, state, age, source, trouble, value;
};

Cells cells_of(const json::value& each) {
  const auto& sensor = each.as_object();
  Cells cells{text_of(each, "id"),     text_of(each, "state"), human_duration(number_of(each, "age_seconds")),
              text_of(each, "source"), trouble_text(sensor),   value_text(sensor)};
  if (const auto radio = radio_text(sensor); !radio.empty())
    cells.value += (cells.value.empty() ? "" : ", ") + radio;
  return cells;
}

std::string line_of(const Cells& cells, const Cells& widest, std::size_t width, bool colour, Tone state) {
  const bool all = width == 0;
  StyledLine line(all ? std::string::npos : width, colour);
  const auto column = [&](const std::string& text, const std::string& like, std::size_t most, Tone tone) {
    const auto wide = columns_of(like);
    line.add(fit(text, all ? wide : std::min(wide, most)), tone).add("  ");
  };
  column(cells.id, widest.id, std::max<std::size_t>(12, width / 3), Tone::plain);
  column(cells.state, widest.state, 10, state);
  column(cells.age, widest.age, 12, Tone::plain);
  if (all || width >= narrow) column(cells.source, widest.source, width / 5, Tone::plain);
  // What is to be looked after is not what is cut.
  line.add(cells.trouble, Tone::warning);
  if (!cells.trouble.empty() && !cells.value.empty()) line.add("; ");
  return line.add(cells.value).take();
}

void widen(std::string& widest, const std::string& text) {
  if (columns_of(text) > columns_of(widest)) widest = text;
}

}  // namespace

std::vector<std::string> sensor_table(const json::value& sensors, std::size_t width, bool colour) {
  const Cells head{"SENSOR", "STATE", "AGE", "SOURCE", "", "VALUE"};
  auto widest = head;
  std::vector<Cells> rows;
  for (const auto& each : sensors.at("sensors").as_array()) {
    rows.push_back(cells_of(each));
    widen(widest.id, rows.back().id);
    widen(widest.state, rows.back().state);
    widen(widest.age, rows.back().age);
    widen(widest.source, rows.back().source);
  }
  if (rows.empty()) return {"no sensor has been heard of yet"};
  std::vector<std::string> lines{
      paint(Tone::strong, line_of(head, widest, width, false, Tone::plain), colour)};
  for (const auto& row : rows) lines.push_back(line_of(row, widest, width, colour, tone_of(row.state)));
  return lines;
}

}  // namespace weather::gateway
