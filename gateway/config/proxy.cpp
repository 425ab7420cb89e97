#include "gateway/config/proxy.hpp"

#include "bridge/kafka/proxied.hpp"
#include "gateway/config/password_file.hpp"
#include "gateway/config/values.hpp"

namespace weather::gateway {
std::vector<ConfigError> proxy_faults(const Config& config) {
  std::vector<ConfigError> errors;
  const auto& proxy = config.kafka.proxy;
  const auto add = [&](const std::string& key, std::string text) {
    errors.push_back(fault_at(config, key, std::move(text)));
  };
  const auto url = proxy::parse_url(proxy.url);
  if (!proxy.url.empty() && !url) add("kafka.proxy.url", url.error());
  if (const auto direct = proxy::NoProxy::parse(joined(proxy.no_proxy, ",")); !direct)
    add("kafka.proxy.no_proxy", direct.error());
  if (proxy.username.empty() && !proxy.password_file.empty())
    add("kafka.proxy.password_file", "needs a username");
  if (url && url->scheme != proxy::Scheme::https && !proxy.ca_file.empty())
    add("kafka.proxy.ca_file",
        "is for an https:// proxy: what goes to this one is not encrypted on the way there");
  const auto needs_one = [&](const char* section, std::size_t i, bool wanted) {
    if (wanted && proxy.url.empty())
      add(section + ("[" + std::to_string(i) + "].proxy"), "needs to know which: give kafka.proxy.url");
  };
  for (std::size_t i = 0; i < config.mqtt.size(); ++i) needs_one("mqtt", i, config.mqtt[i].proxy);
  for (std::size_t i = 0; i < config.route.size(); ++i) needs_one("route", i, config.route[i].proxy);
  return errors;
}

bridge::Properties proxy_properties(const Config& config, std::vector<ConfigError>& errors) {
  const auto& proxy = config.kafka.proxy;
  if (proxy.url.empty()) return {};
  bridge::Properties properties{{"proxy.url", proxy.url},
                                {"proxy.username", proxy.username},
                                {"proxy.ca.location", proxy.ca_file.string()},
                                {"proxy.no_proxy", joined(proxy.no_proxy, ",")}};
  if (!proxy.password_file.empty())
    properties["proxy.password"] =
        password_in(config, "kafka.proxy.password_file", proxy.password_file, errors);
  if (const auto settings = bridge::proxy_settings(properties); !settings && errors.empty())
    errors.push_back(fault_at(config, "kafka.proxy", settings.error()));
  return properties;
}

proxy::Settings proxy_settings(const Config& config) {
  std::vector<ConfigError> errors;
  return bridge::proxy_settings(proxy_properties(config, errors)).value_or(proxy::Settings{});
}

}  // namespace weather::gateway
