#include "bridge/kafka/proxied.hpp"

#include <algorithm>
#include <iterator>

namespace weather::bridge {
namespace {

constexpr std::string_view url_name = "proxy.url", user_name = "proxy.username",
                           password_name = "proxy.password", ca_name = "proxy.ca.location",
                           direct_name = "proxy.no_proxy";
constexpr std::string_view proxy_names[] = {url_name, user_name, password_name, ca_name, direct_name};

std::string value_of(const Properties& properties, std::string_view name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second;
}

}  // namespace

std::span<const std::string_view> proxy_setting_names() {
  return proxy_names;
}

bool is_proxy_setting(std::string_view name) {
  return std::find(std::begin(proxy_names), std::end(proxy_names), name) != std::end(proxy_names);
}

std::string proxy_fault(std::string_view name, const std::string& value) {
  if (name == url_name && !value.empty()) {
    const auto url = proxy::parse_url(value);
    return url ? "" : url.error();
  }
  if (name == direct_name) {
    const auto direct = proxy::NoProxy::parse(value);
    return direct ? "" : direct.error();
  }
  return "";
}

tl::expected<proxy::Settings, std::string> proxy_settings(const Properties& properties) {
  proxy::Settings settings;
  const auto wrong = [](std::string_view name, const std::string& why) {
    return tl::unexpected(std::string(name) + " " + why);
  };
  const auto url = value_of(properties, url_name);
  if (url.empty()) return settings;
  const auto address = proxy::parse_url(url);
  if (!address) return wrong(url_name, address.error());
  const auto direct = proxy::NoProxy::parse(value_of(properties, direct_name));
  if (!direct) return wrong(direct_name, direct.error());
  settings.proxy = *address;
  settings.direct = *direct;
  settings.username = value_of(properties, user_name);
  settings.password = value_of(properties, password_name);
  settings.ca_file = value_of(properties, ca_name);
  const auto login = proxy::login_fault(settings.proxy.scheme, settings.username, settings.password);
  if (!login.empty()) return wrong(user_name, "cannot be used: " + login);
  return settings;
}

std::string with_trouble(const std::string& text, const std::string& trouble) {
  if (trouble.empty()) return text;
  // "kafka:9092/bootstrap: Connect to ipv4#0.0.0.0:9092 failed: Connection reset by peer (after 3ms ...)"
  const auto name = text.find(": ");
  return (name == std::string::npos ? "" : text.substr(0, name + 2)) + trouble;
}

}  // namespace weather::bridge
