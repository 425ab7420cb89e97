#include "bridge/proxy/attempt.hpp"

#include <array>

#include "bridge/proxy/handshake.hpp"

namespace weather::proxy {
namespace {

// Moves what is to be moved next. The direction's poll() event in `wanted`.
Stream::Result step(Stream& stream, Handshake& handshake, std::string& out, short& wanted) {
  std::size_t count = 0;
  if (!out.empty()) {
    const auto result = stream.write(out.data(), out.size(), count);
    out.erase(0, count);
    wanted = stream.wanted_to_write();
    return result;
  }
  std::array<char, 2048> in;
  const auto result = stream.read(in.data(), in.size(), count);
  if (result == Stream::Result::done) handshake.feed({in.data(), count});
  wanted = stream.wanted_to_read();
  return result;
}

tl::expected<void, std::string> shake_hands(Stream& stream, Handshake& handshake, const std::string& named,
                                            Time deadline, const Ends& ends) {
  std::string out;
  for (;;) {
    out += handshake.take_output();
    short wanted = 0;
    const auto result = step(stream, handshake, out, wanted);
    if (handshake.state() == Handshake::State::open) return {};
    if (handshake.state() == Handshake::State::failed) return Failed(handshake.failure());
    if (result == Stream::Result::over) return Failed(named + "ends the connection without an answer");
    if (result == Stream::Result::done) continue;
    const auto woken = wait_for(stream.fd(), wanted, deadline, ends);
    if (woken == Woken::ended) return Failed("");
    if (woken == Woken::too_late) return Failed(named + "takes the connection and does not answer");
  }
}

}  // namespace

tl::expected<Connected, std::string> connect_through(const Settings& settings, const Target& target,
                                                     Time deadline, const Ends& ends,
                                                     const std::function<void(std::string)>& say) {
  const auto& proxy = settings.proxy;
  const auto named = "the proxy " + proxy.text() + " ";
  const auto failed = [&named](const std::string& what, const std::string& why) {
    return Failed(why.empty() ? why : named + what + why);
  };
  const auto handshake = start_handshake(settings, target);
  if (!handshake) return Failed(target.text() + " " + handshake.error());
  say(named + "does not answer");
  auto socket = connect_to(proxy.host, proxy.port, deadline, ends);
  if (!socket) return failed("cannot be connected to: ", socket.error());
  Stream stream(std::move(*socket));
  say(named + "takes the connection and does not answer");
  if (proxy.scheme == Scheme::https)
    if (const auto tls = stream.encrypt(proxy.host, settings.ca_file, deadline, ends); !tls)
      return failed("", tls.error());
  if (const auto shaken = shake_hands(stream, **handshake, named, deadline, ends); !shaken)
    return Failed(shaken.error());
  return Connected{std::move(stream), (*handshake)->take_rest()};
}

}  // namespace weather::proxy
