// SOCKS5, the name resolved by the proxy. Pure; one thread.
#pragma once

#include "bridge/proxy/handshake.hpp"

namespace weather::proxy {

class Socks5 final : public Handshake {
 public:
  Socks5(const Settings& settings, const Target& target);

 private:
  enum class Step : std::uint8_t { method, login, connection };
  void read() override;
  bool take_method();  // false: not whole yet, or the end
  bool take_login();
  void take_reply();
  void ask();

  Step step_ = Step::method;
  const std::string username_, password_;
};

}  // namespace weather::proxy
