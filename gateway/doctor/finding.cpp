#include "gateway/doctor/finding.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "bridge/kafka/secrets.hpp"
#include "gateway/output/columns.hpp"
#include "gateway/output/style.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {

namespace {

std::string shown_text(std::string_view text) {
  return sensors::printable(bridge::shown(text));
}

}  // namespace

std::string_view grade_name(Grade grade) {
  switch (grade) {
    case Grade::ok:
      return "ok";
    case Grade::note:
      return "note";
    case Grade::warning:
      return "warning";
    case Grade::fault:
      return "fault";
  }
  return "";
}

bool any_fault(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.grade == Grade::fault; });
}

std::vector<std::string> to_lines(const Finding& finding, std::size_t width, bool colour) {
  constexpr std::size_t grade_width = 9, check_width = 12, narrow = 40;
  const auto padded = [](std::string_view word, std::size_t columns) {
    return std::string(word) + std::string(word.size() < columns ? columns - word.size() : 1, ' ');
  };
  const auto grade = grade_name(finding.grade);
  const auto check = padded(finding.check, check_width);
  const auto text = shown_text(finding.text) + (finding.todo.empty() ? "" : "; " + shown_text(finding.todo));
  const auto head = paint(tone_of(grade), padded(grade, grade_width), colour) + check;
  if (width < narrow) return {head + text};
  auto lines = wrap(text, width - grade_width - check.size());
  for (auto& line : lines)
    line.insert(0, &line == &lines.front() ? head : std::string(grade_width + check.size(), ' '));
  return lines;
}

std::string to_text(const std::vector<Finding>& findings, bool colour) {
  std::string text;
  for (const auto& finding : findings)
    for (const auto& line : to_lines(finding, 0, colour)) text += line + "\n";
  return text;
}

std::string to_json(const std::vector<Finding>& findings) {
  namespace json = boost::json;
  json::array checks;
  for (const auto& finding : findings)
    checks.push_back({{"check", finding.check},
                      {"grade", grade_name(finding.grade)},
                      {"text", bridge::shown(finding.text)},
                      {"todo", bridge::shown(finding.todo)}});
  return sensors::printable_json(json::serialize(
      json::value{{"schema_version", 1}, {"good", !any_fault(findings)}, {"checks", std::move(checks)}}));
}

}  // namespace weather::gateway
