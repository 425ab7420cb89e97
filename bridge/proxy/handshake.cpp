#include "bridge/proxy/handshake.hpp"

#include "bridge/proxy/http_connect.hpp"
#include "bridge/proxy/socks5.hpp"

namespace weather::proxy {
namespace {

constexpr std::string_view named = "the proxy ", refusing = " refuses ";

// What neither ends a line nor begins another part, whatever a broker calls itself.
bool can_be_asked_for(const Target& target) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
  return !target.host.empty() && target.host.size() <= 255 && target.port != 0 &&
         target.host.find_first_not_of(letters) == std::string::npos;
}

}  // namespace

Handshake::State Handshake::feed(std::string_view bytes) {
  if (state_ != State::going) return state_;
  taken_ += bytes.size();
  input_ += bytes;
  read();
  if (state_ == State::going && taken_ > longest_answer) fail("says more than 16 KiB and does not connect");
  return state_;
}

void Handshake::fail(const std::string& what) {
  state_ = State::failed;
  failure_ = std::string(named) + proxy_ + " " + what;
}
void Handshake::refuse(const std::string& what) {
  fail("refuses this gateway: " + what);
}
void Handshake::refuse_target(const std::string& by) {
  fail("refuses the connection to " + target_.text() + " (" + by + "): its rules must allow it");
}
void Handshake::not_reached(const std::string& why) {
  fail("cannot reach " + target_.text() + " (" + why + ")");
}

tl::expected<std::unique_ptr<Handshake>, std::string> start_handshake(const Settings& settings,
                                                                      const Target& target) {
  if (!can_be_asked_for(target))
    return tl::unexpected(std::string(
        "has a name that no proxy can be asked for: it must be letters, digits, '-', '_' and '.'"));
  if (settings.proxy.scheme == Scheme::socks5h) return std::make_unique<Socks5>(settings, target);
  return std::make_unique<HttpConnect>(settings, target);
}

bool is_refusal(std::string_view text) {
  const auto at = text.find(named);
  return at != std::string_view::npos && text.find(refusing, at) != std::string_view::npos;
}

}  // namespace weather::proxy
