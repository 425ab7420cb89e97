// A day or a week of one quantity as a picture: SVG that needs nothing else, and the same as rows of a table.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ingest/sensor_history.hpp"

namespace weather::gateway {

enum class ChartRange : std::uint8_t { day, week };
std::optional<ChartRange> chart_range(std::string_view text);  // "day", "week"
std::string_view to_string(ChartRange range);

struct Chart {
  struct Point {
    std::int64_t begin_s = 0;
    Bucket value;
  };
  std::string title;  // "roof: temperature"
  std::string unit;   // as people write it
  ChartRange range = ChartRange::day;
  std::int64_t begin_s = 0, end_s = 0, bucket_s = 1;
  std::int64_t bridged_s = 0;  // longer without a value is a gap
  std::vector<Point> points;   // those that have a value, oldest first
};

// What is to be drawn at this moment. interval_s: between two readings as a rule; a sensor that speaks every
// half hour has no gaps of half an hour.
Chart make_chart(const std::string& sensor, const QuantityHistory& history, ChartRange range,
                 std::int64_t now_s, double interval_s);

// The machine's own time, as a parameter.
using LocalTime = std::function<std::tm(std::int64_t unix_s)>;

struct ChartStyle {
  bool dark = false;
  // Only what is drawn, for a page that has words beside it and colours of its own.
  bool embedded = false;
};

// The line is the last value of each ten minutes (of each hour in a week), the band goes from the least to
// the most of it.
std::string chart_svg(const Chart& chart, const LocalTime& local, const ChartStyle& style = {});
// "least 12.1 °C, most 24.9 °C, last 21.3 °C"; "nothing in this time".
std::string chart_words(const Chart& chart);
// Time, least, most, last.
std::vector<std::array<std::string, 4>> chart_rows(const Chart& chart, const LocalTime& local);

// Three to six round numbers that span these.
std::vector<double> round_steps(double least, double most);

}  // namespace weather::gateway
