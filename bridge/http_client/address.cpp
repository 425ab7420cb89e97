#include "bridge/http_client/address.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace weather::http_client {

tl::expected<Address, std::string> parse_address(std::string_view url) {
  const auto refuse = [&](std::string_view why) {
    return tl::unexpected("\"" + std::string(url) + "\" " + std::string(why));
  };
  Address address;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    address.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return refuse("must begin with http:// or https://");
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = rest.substr(slash);
  if (authority.find('@') != std::string_view::npos)
    return refuse("must not hold user and password: use username and password_file");
  if (path.find_first_of("?# ") != std::string_view::npos) return refuse("must end with a plain path");
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  address.path = std::string(path);
  address.port = address.tls ? "443" : "80";
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    address.port = std::string(authority.substr(colon + 1));
    authority = authority.substr(0, colon);
    if (address.port.empty() || address.port.size() > 5 ||
        address.port.find_first_not_of("0123456789") != std::string::npos)
      return refuse("has no port behind its ':'");
  }
  if (authority.size() > 2 && authority.front() == '[' && authority.back() == ']')
    authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return refuse("names no host");
  address.host = std::string(authority);
  return address;
}

tl::expected<Place, std::string> parse_place(std::string_view url) {
  const auto scheme = url.find("://");
  const auto from = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto end = std::min(url.find_first_of("/?#", from), url.size());
  auto address = parse_address(url.substr(0, end));
  if (!address) return tl::unexpected(address.error());
  const auto target = url.substr(end, url.find('#') - end);
  return Place{std::move(*address), (target.starts_with('/') ? "" : "/") + std::string(target)};
}

// Without the port that everybody would think of: some servers make their own name of it.
std::string host_field(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  const auto host = v6 ? "[" + address.host + "]" : address.host;
  return address.port == (address.tls ? "443" : "80") ? host : host + ":" + address.port;
}

std::string basic_authorization(std::string_view username, std::string_view password) {
  const auto plain = std::string(username) + ":" + std::string(password);
  std::string coded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                        reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  coded.resize(static_cast<std::size_t>(size));
  return "Basic " + coded;
}

}  // namespace weather::http_client
