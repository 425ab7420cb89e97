#include "bridge/proxy/settings.hpp"

#include <charconv>

#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace weather::proxy {
namespace {

std::string with_port(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

bool port_from(std::string_view text, std::uint16_t& port) {
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port);
  return read.ec == std::errc{} && read.ptr == end && port != 0;
}

}  // namespace

std::string Address::text() const {
  return with_port(host, port);
}

tl::expected<Address, std::string> parse_url(std::string_view url) {
  const auto wrong = [](std::string_view why) { return tl::unexpected(std::string(why)); };
  constexpr std::string_view form =
      "must begin with http://, https:// or socks5h://, with host and port of the proxy behind it";
  const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed || !parsed->has_authority()) return wrong(form);
  const auto is = [scheme = parsed->scheme()](const char* name) {
    return boost::urls::grammar::ci_is_equal(scheme, boost::core::string_view(name));
  };
  Address address;
  if (is("http"))
    address.scheme = Scheme::http;
  else if (is("https"))
    address.scheme = Scheme::https;
  else if (is("socks5h"))
    address.scheme = Scheme::socks5h;
  else if (is("socks5"))
    return wrong("socks5:// would resolve names on this machine: write socks5h://, the proxy resolves them");
  else
    return wrong(form);
  if (parsed->has_userinfo()) return wrong("must not hold user and password: use username and password_file");
  if (!(parsed->encoded_path().empty() || parsed->encoded_path() == "/") || parsed->has_query() ||
      parsed->has_fragment())
    return wrong("must end behind the port");
  address.host = parsed->host_address();
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
  if (address.host.empty() || address.host.find_first_not_of(letters) != std::string::npos)
    return wrong("names no host");
  const auto port = parsed->port();
  if (!port_from({port.data(), port.size()}, address.port))
    return wrong("must say the proxy's port, a number from 1 to 65535: http://proxy:3128");
  return address;
}

bool Settings::carries(std::string_view to, std::uint16_t port) const {
  static const auto here = NoProxy::parse("localhost 127.0.0.0/8 ::1").value();
  return !proxy.host.empty() && !here.matches(to, port) && !direct.matches(to, port);
}

std::string login_fault(Scheme scheme, std::string_view username, std::string_view password) {
  constexpr std::size_t longest = 255;  // RFC 1929
  if (username.empty()) return password.empty() ? "" : "a password needs a username";
  if (scheme != Scheme::socks5h)
    return username.find(':') == std::string_view::npos ? "" : "a username for an HTTP proxy holds no ':'";
  if (username.size() > longest || password.size() > longest)
    return "a username and a password for SOCKS5 have at most 255 bytes";
  return password.empty() ? "a username for SOCKS5 needs a password" : "";
}

std::string Target::text() const {
  return with_port(host, port);
}

tl::expected<Target, std::string> Target::parse(std::string_view text) {
  Target target;
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !port_from(text.substr(colon + 1), target.port))
    return tl::unexpected("\"" + std::string(text) + "\" is no HOST:PORT");
  text = text.substr(0, colon);
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  target.host = std::string(text);
  return target;
}

}  // namespace weather::proxy
