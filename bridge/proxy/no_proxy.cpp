#include "bridge/proxy/no_proxy.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/asio/ip/address.hpp>

namespace weather::proxy {
namespace {

using Bytes = std::array<unsigned char, 16>;

std::optional<Bytes> address_of(std::string_view text) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(std::string(text), is_name);
  if (is_name) return std::nullopt;
  return address.is_v4()
             ? boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4()).to_bytes()
             : address.to_v6().to_bytes();
}

bool same_network(const Bytes& a, const Bytes& b, unsigned bits) {
  for (unsigned i = 0; i < bits; i += 8) {
    const unsigned mask = bits - i >= 8 ? 0xFFU : 0xFFU << (8 - (bits - i));
    if (((a[i / 8] ^ b[i / 8]) & mask) != 0) return false;
  }
  return true;
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

std::string_view without_brackets(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' ? text.substr(1, text.size() - 2)
                                                                      : text;
}

}  // namespace

tl::expected<NoProxy::Entry, std::string> NoProxy::entry(std::string_view text) {
  const auto wrong = [](std::string_view why) { return tl::unexpected(std::string(why)); };
  Entry made;
  auto rest = text;
  // An IPv6 address has several colons, and a port of its own only behind brackets.
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && (rest.find(':') == colon || (colon > 0 && rest[colon - 1] == ']'))) {
    const auto port = number_in<std::uint16_t>(rest.substr(colon + 1));
    if (!port || *port == 0) return wrong("has no port behind its ':'");
    made.port = *port;
    rest = rest.substr(0, colon);
  }
  const auto slash = rest.find('/');
  if (const auto address = address_of(without_brackets(rest.substr(0, slash)))) {
    const bool v4 = rest.find(':') == std::string_view::npos;
    const unsigned most = v4 ? 32 : 128;
    const auto bits = slash == std::string_view::npos ? most : number_in<unsigned>(rest.substr(slash + 1));
    if (!bits || *bits > most) return wrong("has no length of a network behind its '/'");
    made.network = *address;
    made.bits = *bits + (v4 ? 96 : 0);
    return made;
  }
  if (rest.starts_with("*.")) rest.remove_prefix(1);
  if (rest.starts_with('.')) rest.remove_prefix(1);
  if (rest.ends_with('.')) rest.remove_suffix(1);
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (rest.empty() || rest.find_first_not_of(letters) != std::string_view::npos)
    return wrong("is neither *, a domain, an address nor a network like 10.0.0.0/8");
  made.domain = lower(rest);
  return made;
}

tl::expected<NoProxy, std::string> NoProxy::parse(std::string_view text) {
  constexpr std::string_view separators = ", \t";
  NoProxy result;
  std::size_t count = 0;
  while (!text.empty()) {
    const auto begin = std::min(text.find_first_not_of(separators), text.size());
    text.remove_prefix(begin);
    const auto one = text.substr(0, text.find_first_of(separators));
    text.remove_prefix(one.size());
    if (one.empty()) continue;
    ++count;
    if (one == "*") {
      result.everything_ = true;
      continue;
    }
    auto made = entry(one);
    // Not said what stands there: it may be anything.
    if (!made) return tl::unexpected("entry " + std::to_string(count) + " " + made.error());
    result.entries_.push_back(std::move(*made));
  }
  return result;
}

bool NoProxy::matches(std::string_view host, std::uint16_t port) const {
  if (everything_) return true;
  host = without_brackets(host);
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto address = address_of(host);
  const auto name = lower(host);
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    if (entry.port != 0 && entry.port != port) return false;
    if (entry.domain.empty()) return address && same_network(*address, entry.network, entry.bits);
    if (address || !name.ends_with(entry.domain)) return false;
    return name.size() == entry.domain.size() || name[name.size() - entry.domain.size() - 1] == '.';
  });
}

}  // namespace weather::proxy
