#include "sensors/access/browser.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <arpa/inet.h>
#include <unistd.h>

#include "sensors/reading/letters.hpp"

namespace weather::sensors {
namespace {

// Reserved (RFC 6761, 6762, 8375), set aside by ICANN, or what home routers make of their own.
constexpr std::array<std::string_view, 14> private_suffixes = {
    ".local", ".localhost", ".localdomain", ".lan",     ".home", ".home.arpa",    ".internal",
    ".corp",  ".intranet",  ".private",     ".invalid", ".test", ".speedport.ip", ".fritz.box"};
constexpr std::array<std::string_view, 9> services = {
    "wunderground.com", "ecowitt.net",          "ambientweather.net", "weathercloud.net", "myacurite.com",
    "acu-link.com",     "oregonscientific.com", "idtlive.com",        "pwsweather.com"};

// Without port, brackets and final dot.
std::string name_of(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return {};
    const auto behind = host.substr(end + 1);
    const bool port = behind.starts_with(':') && behind.find_first_not_of("0123456789", 1) == behind.npos;
    return behind.empty() || port ? lower(host.substr(1, end - 1)) : std::string();
  }
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && host.find(':') == colon)
    host = host.substr(0, colon);
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower(host);
}

bool is_address(const std::string& host) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, host.c_str(), &bytes) == 1 ||
         ::inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &bytes) == 1;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_address(host));
}

bool is_one_of(const std::string& host, const std::vector<std::string>& names) {
  return !host.empty() &&
         std::ranges::any_of(names, [&](const std::string& name) { return name_of(name) == host; });
}

std::string_view host_of_url(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

bool shows_things(std::string_view accept) {
  const auto wanted = lower(accept);
  if (wanted.ends_with("*; q=.2, */*; q=.2")) return false;  // what Java's own client sends, and no browser
  return std::ranges::any_of(
      std::array{"text/html", "image/", "text/css", "application/xhtml", "video/", "audio/"},
      [&](const char* kind) { return wanted.find(kind) != std::string::npos; });
}

}  // namespace

bool is_our_host(std::string_view given, const std::vector<std::string>& names) {
  const auto host = name_of(given);
  if (host.empty()) return false;
  if (is_address(host) || host.find('.') == std::string::npos)
    return host.find(':') == std::string::npos || is_address(host);
  if (std::ranges::any_of(private_suffixes, [&](std::string_view end) { return host.ends_with(end); }))
    return true;
  return is_one_of(host, names);
}

bool is_named_host(std::string_view given, const std::vector<std::string>& names) {
  const auto host = name_of(given);
  return is_loopback(host) || is_one_of(host, names);
}

bool is_weather_service(std::string_view given) {
  const auto host = name_of(given);
  return std::ranges::any_of(services, [&](std::string_view service) {
    return host == service || (host.ends_with(service) && host[host.size() - service.size() - 1] == '.');
  });
}

std::vector<std::string> machine_names() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return {};
  return {name.data()};
}

bool is_our_origin(std::string_view origin, std::string_view host, bool tls) {
  if (origin.empty()) return true;
  const auto named = host_of_url(origin);
  if (named.empty() || lower(named) != lower(host)) return false;
  return origin.starts_with("https://") || (!tls && origin.starts_with("http://"));
}

bool comes_from_a_page(const BrowserHeaders& request) {
  const auto site = lower(request.sec_fetch_site);
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  if (!is_our_origin(request.origin, request.host, request.tls)) return true;
  if (!request.referer.empty() && lower(host_of_url(request.referer)) != lower(request.host)) return true;
  if (shows_things(request.accept)) return true;
  if (request.method != "GET" || !request.origin.empty() || site == "same-origin") return false;
  // A script tag or a fetch: it accepts anything and may say nothing of where it comes from, but a browser
  // has a language. Node and Deno say "*".
  return (!request.accept_language.empty() && request.accept_language != "*") || !request.cookie.empty();
}

}  // namespace weather::sensors
