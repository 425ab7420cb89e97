#include "bridge/relay_factory.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

#include "bridge/core/relay_settings.hpp"
#include "bridge/kafka/file_watch.hpp"
#include "bridge/kafka/proxied.hpp"
#include "bridge/relay/client.hpp"
#include "bridge/relay/http_line.hpp"

namespace weather::bridge {
namespace {

std::string setting(const Properties& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second;
}

}  // namespace

std::unique_ptr<KafkaClient> RelayFactory::make(const Properties& properties, KafkaEvents& events) {
  RelayOptions to{setting(properties, relay::url), setting(properties, relay::ca_file),
                  setting(properties, relay::cert_file), setting(properties, relay::key_file),
                  setting(properties, relay::token_file)};
  auto options = relay::http_line_options(to);
  auto proxy = proxy_settings(properties);
  if (!proxy) throw std::runtime_error(proxy.error());
  options.proxy = std::move(*proxy);
  log::Sender from;
  from.gateway = setting(properties, relay::gateway);
  from.log_id = setting(properties, relay::log_id);
  from.route = setting(properties, relay::route);
  auto name = options.address.host + ":" + options.address.port;
  return std::make_unique<relay::Client>(scheduler_, std::make_unique<relay::HttpLine>(io_, options),
                                         std::move(from), std::move(name), events);
}

std::unique_ptr<FileChanges> RelayFactory::watch_certificates(const Properties& properties) {
  std::vector<std::string> files;
  for (const auto* name : {relay::ca_file, relay::cert_file, relay::key_file, relay::token_file})
    if (auto file = setting(properties, name); !file.empty()) files.push_back(std::move(file));
  return std::make_unique<FileWatch>(std::move(files));
}

}  // namespace weather::bridge
