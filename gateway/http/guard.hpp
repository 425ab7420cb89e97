// Asks for a name and a password before any answer. Lives on the io thread; the comparing, slow on
// purpose, is done on a thread of its own. What was right or wrong is remembered
// (sensors/access/login_gate.hpp), so that a page that asks every second costs one slow comparison.
#pragma once

#include <functional>
#include <memory>

#include "gateway/http/message.hpp"
#include "sensors/listener/users.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

class Guard {
 public:
  using Users = sensors::listener::Users;

  Guard(boost::asio::io_context& io, Users users);
  ~Guard();  // waits for a comparison under way; who waits for it gets no answer
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // Calls let_in, now or later, or answers: 401, 429 with Retry-After after wrong passwords, 503 when too
  // many are being compared.
  void ask(const HttpRequest& request, std::function<void()> let_in, const Respond& refuse);
  // Forgets who has logged in.
  void replace(Users users);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::gateway
