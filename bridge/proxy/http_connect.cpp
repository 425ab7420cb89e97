#include "bridge/proxy/http_connect.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace weather::proxy {
namespace {

constexpr std::size_t longest_quote = 80;  // of a foreign server, shown in status

// What a proxy wrote, for people.
std::string in_quotes(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, longest_quote)) result += c >= ' ' && c <= '~' ? c : '?';
  return result;
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

// The values of a header, with commas; of several lines of that name as well.
std::string header(std::string_view head, std::string_view name) {
  std::string found;
  while (!head.empty()) {
    const auto line = head.substr(0, head.find('\n'));
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !same_letters(line.substr(0, colon), name)) continue;
    found += (found.empty() ? "" : ", ") + std::string(trimmed(line.substr(colon + 1)));
  }
  return found;
}

bool offers_basic(std::string_view challenges) {
  for (std::size_t i = 0; i + 5 <= challenges.size(); ++i)
    if (same_letters(challenges.substr(i, 5), "basic") && (i == 0 || challenges[i - 1] == ' ')) return true;
  return challenges.empty();
}

// Behind the head: its lines may end with LF alone.
std::size_t end_of_head(std::string_view text) {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (text.substr(at + 1, 1) == "\n") return at + 2;
    if (text.substr(at + 1, 2) == "\r\n") return at + 3;
  }
  return std::string_view::npos;
}

}  // namespace

std::string basic_authorization(std::string_view username, std::string_view password) {
  const auto plain = std::string(username) + ":" + std::string(password);
  std::string coded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                        reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  coded.resize(static_cast<std::size_t>(size));
  return "Basic " + coded;
}

HttpConnect::HttpConnect(const Settings& settings, const Target& target)
    : Handshake(settings, target), logged_in_(!settings.username.empty()) {
  const auto where = target.text();
  send("CONNECT " + where + " HTTP/1.1\r\nHost: " + where + "\r\nUser-Agent: weather-gateway\r\n");
  if (logged_in_)
    send("Proxy-Authorization: " + basic_authorization(settings.username, settings.password) + "\r\n");
  send("\r\n");
}

void HttpConnect::read() {
  constexpr std::string_view begin = "HTTP/1.";
  for (;;) {
    const auto common = std::min(begin.size(), input_.size());
    if (std::string_view(input_).substr(0, common) != begin.substr(0, common))
      return fail("does not answer as an HTTP proxy does: check the URL's scheme and port");
    const auto end = end_of_head(input_);
    if (end == std::string::npos) return;
    const auto head = input_.substr(0, end);
    input_.erase(0, end);
    // "HTTP/1.1 200 Connection established"
    const auto code = head.substr(std::min<std::size_t>(head.size(), begin.size() + 1), 4);
    if (code.size() != 4 || code[0] != ' ' || code.find_first_not_of("0123456789", 1) != std::string::npos)
      return fail("does not answer as an HTTP proxy does: check the URL's scheme and port");
    if (code[1] == '1' && code != " 101") continue;  // the answer comes behind it
    if (code[1] == '2') return open();
    return judge(head);
  }
}

void HttpConnect::judge(std::string_view head) {
  const auto line = trimmed(head.substr(0, head.find('\n')));
  const auto status = line.substr(std::min(line.size(), std::string_view("HTTP/1.1 ").size()));
  auto said = in_quotes(status);
  if (const auto squid = header(head, "X-Squid-Error"); !squid.empty()) said += ", " + in_quotes(squid);
  const auto code = status.substr(0, 3);
  if (code == "407") {
    if (const auto wanted = header(head, "Proxy-Authenticate"); !offers_basic(wanted))
      return refuse("it takes no user and password by Basic, but " + in_quotes(wanted) + " (" + said + ")");
    return refuse(logged_in_
                      ? "it does not take this user and password (" + said + ")"
                      : "it wants a user and a password (" + said + "): give username and password_file");
  }
  if (code == "401" || code == "403" || code == "405" || code == "451") return refuse_target(said);
  if (code == "500" || code == "502" || code == "503" || code == "504") return not_reached(said);
  fail("does not connect to " + target_.text() + " (" + said + ")");
}

}  // namespace weather::proxy
