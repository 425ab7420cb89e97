// Something that may have to wait for what its machine lacks: tried, and tried again after 1, 2, 4 and then
// every 5 s. Each reason is said once. On the io thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

namespace weather::gateway {

class Retry {
 public:
  // Nothing: it is done. Else why it is not there yet. Throws std::exception for what no waiting mends.
  using Attempt = std::function<std::optional<std::string>()>;

  // what: how the line about it begins, "lan: not listening yet". on_change hears each new reason, "" once it
  // is done.
  Retry(boost::asio::io_context& io, std::string what, Attempt attempt,
        std::function<void(const std::string& reason)> on_change = {});

  void try_once();  // throws what the attempt throws; says nothing
  // If it is not done, says why and goes on trying. What the attempt throws then is a reason like any other:
  // the others run already, and it may be mended.
  void start();
  void stop() { timer_.cancel(); }

  const std::string& reason() const { return reason_; }  // empty: done

 private:
  void set_reason(std::string reason);
  void say_why() const;
  void wait();

  const std::string what_;
  const Attempt attempt_;
  const std::function<void(const std::string&)> on_change_;
  boost::asio::steady_timer timer_;
  std::string reason_;
  unsigned looks_ = 0;
};

}  // namespace weather::gateway
