#include "gateway/downlink/bundle.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "gateway/downlink/message.hpp"
#include "gateway/output/time_json.hpp"

namespace weather::gateway::downlink {

namespace json = boost::json;

std::string bundle_key(std::string_view gateway, std::string_view to) {
  return std::string(gateway) + "/downlink/" + std::string(to) + "/bundle/content";
}

tl::expected<std::string, std::string> bundle_record(const BundleContent& content) {
  json::object record{
      {"schema_version", 1}, {"gateway", content.gateway}, {"time", time_json(content.time_s * second_ns)},
      {"event", "bundle"},   {"version", content.version}, {"configuration", content.configuration}};
  boost::system::error_code unreadable;
  record["status"] = json::parse(content.status, unreadable);
  auto text = json::serialize(record);
  if (text.size() <= most_bundle_bytes) return text;
  return tl::unexpected("the bundle has " + std::to_string(text.size()) + " bytes, more than the " +
                        std::to_string(most_bundle_bytes) + " that are sent through the fleet's topic");
}

}  // namespace weather::gateway::downlink
