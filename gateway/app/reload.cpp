#include "gateway/app/reload.hpp"

#include <exception>

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

namespace weather::gateway {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

ReloadReport guarded(const std::function<ReloadReport()>& reload) {
  ReloadReport report;
  try {
    return reload();
  } catch (const std::exception& error) {
    report.faults.push_back(std::string("the reload is refused: ") + error.what());
  } catch (...) {
    report.faults.emplace_back("the reload is refused: an exception of an unknown kind");
  }
  return report;
}

std::string to_json(const ReloadReport& report) {
  namespace json = boost::json;
  return json::serialize(json::value{{"schema_version", 1},
                                     {"good", report.good},
                                     {"faults", json::value_from(report.faults)},
                                     {"applied", json::value_from(report.applied)},
                                     {"needs_restart", json::value_from(report.needs_restart)}});
}

std::string to_text(const ReloadReport& report) {
  if (!report.good) return "the configuration stays as it was: " + listed(report.faults);
  if (report.applied.empty() && report.needs_restart.empty())
    return "the configuration is good and has not changed; Kafka is tried at "
           "once";
  std::string text = report.applied.empty() ? "the configuration is good"
                                            : "the configuration was read again: " + listed(report.applied);
  if (!report.needs_restart.empty()) text += "; restart to use " + listed(report.needs_restart);
  return text;
}

}  // namespace weather::gateway
