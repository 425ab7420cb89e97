#include "bridge/kafka/secrets.hpp"

#include <algorithm>
#include <iterator>

#include "bridge/kafka/setting_names.hpp"
#include "sensors/reading/secret_name.hpp"

namespace weather::bridge {
namespace {

template <class Range>
bool has(const Range& range, std::string_view wanted) {
  return std::find(std::begin(range), std::end(range), wanted) != std::end(range);
}

// Headers that say what and where: the gateway's own, those of CloudEvents and what documentation shows.
bool is_plain_header(std::string_view name) {
  constexpr std::string_view plain[] = {
      "source",  "unit",           "units",      "station",     "site",        "location", "region",
      "room",    "building",       "floor",      "country",     "environment", "version",  "gateway",
      "id",      "type",           "sensor",     "time",        "ce_id",       "ce_type",  "ce_source",
      "ce_time", "ce_specversion", "ce_subject", "content-type"};
  return has(plain, name);
}

// Of the settings of a log-in by token, those that say who, where and how.
bool is_plain_login(std::string_view name) {
  constexpr std::string_view before = "sasl.oauthbearer.";
  constexpr std::string_view plain[] = {"method",
                                        "client.id",
                                        "client.credentials.client.id",
                                        "client.authentication",
                                        "scope",
                                        "grant.type",
                                        "assertion.algorithm",
                                        "assertion.key.id",
                                        "assertion.claim.aud",
                                        "assertion.claim.iss",
                                        "assertion.claim.sub",
                                        "assertion.claim.exp.seconds",
                                        "aws.region",
                                        "aws.profile"};
  return name.starts_with(before) && has(plain, name.substr(before.size()));
}

}  // namespace

bool is_secret(std::string_view name) {
  if (is_plain_login(name)) return false;
  if (find_setting(name) != nullptr) return sensors::sounds_secret(name);
  return !is_plain_header(name);
}

}  // namespace weather::bridge
