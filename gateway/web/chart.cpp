#include "gateway/web/chart.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gateway/status/shown_value.hpp"
#include "gateway/web/page.hpp"
#include "sensors/reading/number.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

constexpr double chart_width = 640, chart_height = 220, chart_left = 64, chart_right = 12, chart_top = 30,
                 chart_bottom = 26;

struct Colours {
  const char *back, *text, *grid, *band, *line;
};
constexpr Colours light{"#ffffff", "#1b1f24", "#d0d7de", "#b6d4f5", "#0550ae"},
    dark{"#161b22", "#e6edf3", "#3d444d", "#1f4b7a", "#79c0ff"};

struct Span {
  float least = 0, most = 0;
};

std::optional<Span> span_of(const Chart& chart) {
  if (chart.points.empty()) return std::nullopt;
  Span span{chart.points.front().value.least, chart.points.front().value.most};
  for (const auto& point : chart.points) {
    span.least = std::min(span.least, point.value.least);
    span.most = std::max(span.most, point.value.most);
  }
  return span;
}

std::string coordinate(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string attribute(const char* name, const std::string& value) {
  return " " + std::string(name) + "=\"" + value + "\"";
}

std::string text_at(double x, double y, const char* anchor, const char* colour, const std::string& text) {
  return "<text" + attribute("x", coordinate(x)) + attribute("y", coordinate(y)) +
         attribute("text-anchor", anchor) + attribute("fill", colour) + ">" +
         escape_html(sensors::printable(text)) + "</text>";
}

std::string line_at(double x1, double y1, double x2, double y2, const char* colour) {
  return "<path class=\"grid\" d=\"M" + coordinate(x1) + " " + coordinate(y1) + "L" + coordinate(x2) + " " +
         coordinate(y2) + "\"" + attribute("stroke", colour) + "/>";
}

std::string formatted(const std::tm& time, const char* format) {
  std::array<char, 32> text{};
  return std::string(text.data(), std::strftime(text.data(), text.size(), format, &time));
}

// Full six hours of a day, midnights of a week, as the clock on the wall has them.
std::vector<std::int64_t> marks(const Chart& chart, const LocalTime& local) {
  std::vector<std::int64_t> result;
  constexpr std::int64_t quarter = 900;
  for (auto at = (chart.begin_s / quarter + 1) * quarter; at <= chart.end_s; at += quarter) {
    const auto time = local(at);
    if (time.tm_min == 0 && time.tm_hour % (chart.range == ChartRange::day ? 6 : 24) == 0)
      result.push_back(at);
  }
  return result;
}

struct Field {
  const Chart& chart;
  double low, high;
  double x(std::int64_t at) const {
    return chart_left + (chart_width - chart_left - chart_right) * static_cast<double>(at - chart.begin_s) /
                            static_cast<double>(chart.end_s - chart.begin_s);
  }
  double y(double value) const {
    return chart_top + (chart_height - chart_top - chart_bottom) * (1 - (value - low) / (high - low));
  }
  double middle(const Chart::Point& point) const {
    return x(std::clamp(point.begin_s + chart.bucket_s / 2, chart.begin_s, chart.end_s));
  }
};

// Points that no gap parts.
std::vector<std::vector<Chart::Point>> runs(const Chart& chart) {
  std::vector<std::vector<Chart::Point>> result;
  for (const auto& point : chart.points) {
    if (result.empty() || point.begin_s - result.back().back().begin_s > chart.bridged_s)
      result.emplace_back();
    result.back().push_back(point);
  }
  return result;
}

std::string run_svg(const std::vector<Chart::Point>& run, const Field& field, const Colours& colours) {
  std::string there, back, line;
  const auto at = [&](const Chart::Point& point, float value) {
    return coordinate(field.middle(point)) + "," + coordinate(field.y(static_cast<double>(value)));
  };
  for (const auto& point : run) {
    there += at(point, point.value.most) + " ";
    back = at(point, point.value.least) + " " + back;
    line += at(point, point.value.last) + " ";
  }
  back.pop_back();
  line.pop_back();
  std::string svg;
  if (run.size() == 1) {
    const auto& one = run.front();
    svg = "<path class=\"band\" stroke-width=\"3\" d=\"M" + coordinate(field.middle(one)) + " " +
          coordinate(field.y(static_cast<double>(one.value.least))) + "V" +
          coordinate(field.y(static_cast<double>(one.value.most))) + "\"" +
          attribute("stroke", colours.band) + "/><circle" + attribute("cx", coordinate(field.middle(one))) +
          attribute("cy", coordinate(field.y(static_cast<double>(one.value.last)))) + " r=\"2\"" +
          attribute("fill", colours.line) + "/>";
    return svg;
  }
  return "<polygon class=\"band\" points=\"" + there + back + "\"" + attribute("fill", colours.band) +
         "/><polyline points=\"" + line + "\" fill=\"none\" stroke-width=\"1.5\"" +
         attribute("stroke", colours.line) + "/>";
}

}  // namespace

std::optional<ChartRange> chart_range(std::string_view text) {
  if (text == "day") return ChartRange::day;
  if (text == "week") return ChartRange::week;
  return std::nullopt;
}

std::string_view to_string(ChartRange range) {
  return range == ChartRange::day ? "day" : "week";
}

std::vector<double> round_steps(double least, double most) {
  if (!(most > least)) {
    const double around = std::max(std::abs(least) * 0.01, 0.5);
    most = least + around;
    least -= around;
  }
  const double raw = (most - least) / 4;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw * 0.999) {
      step = factor * power;
      break;
    }
  std::vector<double> steps;
  const double first = std::floor(least / step);
  for (double i = 0; steps.size() < 2 || steps.back() < most - step * 1e-6; ++i)
    steps.push_back(sensors::round_significant((first + i) * step, 9));
  return steps;
}

Chart make_chart(const std::string& sensor, const QuantityHistory& history, ChartRange range,
                 std::int64_t now_s, double interval_s) {
  const auto& ring = range == ChartRange::day ? history.day : history.week;
  Chart chart;
  chart.title = sensor + ": " + history.name;
  std::replace(chart.title.end() - static_cast<std::ptrdiff_t>(history.name.size()), chart.title.end(), '_',
               ' ');
  chart.unit = history.unit;
  chart.range = range;
  chart.bucket_s = ring.bucket_s();
  const auto count = static_cast<std::int64_t>(ring.count());
  chart.end_s = now_s;
  chart.begin_s = now_s - count * ring.bucket_s();
  constexpr double intervals = 3, most_s = 1e6;
  chart.bridged_s =
      std::max(ring.bucket_s(), static_cast<std::int64_t>(std::clamp(interval_s * intervals, 0.0, most_s)));
  // Ten minutes that are only half over belong to the picture too.
  for (std::int64_t i = count - 1; i >= 0; --i) {
    const auto begin_s = (now_s / ring.bucket_s() - i) * ring.bucket_s();
    if (const auto value = ring.at(begin_s); begin_s >= 0 && !value.empty())
      chart.points.push_back({begin_s, value});
  }
  return chart;
}

std::string chart_words(const Chart& chart) {
  const auto span = span_of(chart);
  if (!span) return "nothing in this time";
  const auto shown = [&](float value) { return shown_number(static_cast<double>(value), chart.unit); };
  return "least " + shown(span->least) + ", most " + shown(span->most) + ", last " +
         shown(chart.points.back().value.last);
}

std::vector<std::array<std::string, 4>> chart_rows(const Chart& chart, const LocalTime& local) {
  std::vector<std::array<std::string, 4>> rows;
  const auto shown = [&](float value) { return shown_number(static_cast<double>(value), chart.unit); };
  for (const auto& [begin_s, value] : chart.points)
    rows.push_back({formatted(local(begin_s), "%a %d %b %H:%M"), shown(value.least), shown(value.most),
                    shown(value.last)});
  return rows;
}

std::string chart_svg(const Chart& chart, const LocalTime& local, const ChartStyle& style) {
  const auto& colours = style.dark ? dark : light;
  const auto span = span_of(chart).value_or(Span{});
  const auto steps = round_steps(static_cast<double>(span.least), static_cast<double>(span.most));
  const Field field{chart, steps.front(), steps.back()};
  const auto what = chart.title + (chart.unit.empty() ? "" : " in " + chart.unit) + ", last " +
                    std::string(to_string(chart.range));
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 220\" class=\"chart\" role=\"img\" "
      "font-family=\"system-ui, sans-serif\" font-size=\"12\"" +
      (style.embedded ? std::string() : attribute("width", "640") + attribute("height", "220")) +
      attribute("aria-label", escape_html(sensors::printable(what + ": " + chart_words(chart)))) + ">";
  if (!style.embedded) svg += "<rect width=\"640\" height=\"220\"" + attribute("fill", colours.back) + "/>";
  if (!style.embedded) svg += text_at(chart_left, 18, "start", colours.text, what);
  svg += text_at(chart_left - 6, 18, "end", colours.text, chart.unit);
  for (const double step : steps) {
    svg += line_at(chart_left, field.y(step), chart_width - chart_right, field.y(step), colours.grid);
    svg += text_at(chart_left - 6, field.y(step) + 4, "end", colours.text, sensors::format_number(step));
  }
  for (const auto mark : marks(chart, local)) {
    svg += line_at(field.x(mark), chart_top, field.x(mark), chart_height - chart_bottom, colours.grid);
    svg += text_at(field.x(mark), chart_height - 8, "middle", colours.text,
                   formatted(local(mark), chart.range == ChartRange::day ? "%H:%M" : "%a %d"));
  }
  if (chart.points.empty())
    svg += text_at(chart_width / 2, chart_height / 2, "middle", colours.text, "nothing in this time");
  for (const auto& run : runs(chart)) svg += run_svg(run, field, colours);
  return svg + "</svg>";
}

}  // namespace weather::gateway
