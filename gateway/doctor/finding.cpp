#include "gateway/doctor/finding.hpp"

#include <algorithm>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "bridge/kafka/secrets.hpp"
#include "gateway/output/style.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {

namespace {

std::string told(std::string_view text) {
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

std::string to_text(const std::vector<Finding>& findings, bool colour) {
  std::string text;
  const auto padded = [](std::string_view word, std::size_t width) {
    return std::string(word) + std::string(word.size() < width ? width - word.size() : 1, ' ');
  };
  for (const auto& finding : findings) {
    text += paint(tone_of(grade_name(finding.grade)), padded(grade_name(finding.grade), 9), colour) +
            padded(finding.check, 12) + told(finding.text);
    if (!finding.todo.empty()) text += "; " + told(finding.todo);
    text += "\n";
  }
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
