// The HTTP side of a running gateway: page and metrics on loopback, or elsewhere behind TLS and a password;
// commands on the control socket.
#pragma once

#include <memory>
#include <string>

#include "gateway/app/app.hpp"
#include "gateway/http/access.hpp"

namespace weather::gateway {

class Web {
 public:
  // An address, a port or a file that is not there yet is said and looked for again: readings matter more.
  // Throws StartError for a certificate or users file that cannot be used. Lives on the io thread.
  Web(boost::asio::io_context& io, App& app);
  ~Web();
  Web(const Web&) = delete;
  Web& operator=(const Web&) = delete;

  // For connections and passwords to come. False: it is what is in use already.
  bool take(PageAccess access);
  // Why there is no page yet; empty: it is there, or not wanted.
  const std::string& not_yet() const;

 private:
  boost::asio::io_context& io_;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::gateway
