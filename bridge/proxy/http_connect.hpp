// CONNECT to an HTTP proxy. Pure; one thread.
#pragma once

#include "bridge/proxy/handshake.hpp"

namespace weather::proxy {

class HttpConnect final : public Handshake {
 public:
  HttpConnect(const Settings& settings, const Target& target);

 private:
  void read() override;
  void judge(std::string_view head);

  const bool logged_in_;
};

}  // namespace weather::proxy
