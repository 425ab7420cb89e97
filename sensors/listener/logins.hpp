// Who is let in to one listener: passwords and certificates, and how often one may try. Io thread only; the
// comparing, slow on purpose, is done on a thread of its own.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "sensors/access/login_gate.hpp"
#include "sensors/access/seldom.hpp"
#include "sensors/listener/options.hpp"
#include "sensors/listener/outside.hpp"
#include "sensors/listener/users.hpp"

namespace weather::sensors::listener {

class Logins {
 public:
  using Verdict = std::function<void(Login)>;  // called on the io thread

  // A try that has to wait is made after at most so long, and not refused: the right password gets in,
  // also while the same address guesses others.
  static constexpr std::chrono::seconds longest_wait{4};
  static constexpr std::size_t most_open = 64, most_open_of_an_address = 8;

  // status must outlive it: refused_logins is counted there.
  Logins(boost::asio::any_io_executor io, const ListenerOptions& options, Users users,
         ListenerStatus& status);
  ~Logins();  // waits for a comparison under way; who waits for it gets no verdict

  // The verdict at once where nothing has to be compared, else later by `later`.
  std::optional<Login> ask(const Credentials& credentials, const std::string& certificate_name,
                           const std::string& address, Verdict later);
  void replace(Users users);

 private:
  struct Try {
    std::string name, password, address;
    Verdict later;
  };
  std::optional<Login> by_certificate(const std::string& certificate_name, const std::string& address);
  void compare_when_due(std::shared_ptr<Try> one);
  void compare(std::shared_ptr<Try> one);
  void end(const Try& one, Login login);
  Login login_of(const std::string& user) const;
  Login wrong(const std::string& address, std::string_view user);
  Login refused(Reason reason, const std::string& address, std::string_view user, std::string_view why);

  boost::asio::any_io_executor io_;
  const ListenerOptions& options_;
  std::shared_ptr<const Users> users_;
  ListenerStatus& status_;
  LoginGate gate_;
  Seldom seldom_;
  std::size_t open_ = 0;
  std::map<std::string, std::size_t> open_of_;                  // by address
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // read on the io thread only
  boost::asio::thread_pool passwords_{1};
};

}  // namespace weather::sensors::listener
