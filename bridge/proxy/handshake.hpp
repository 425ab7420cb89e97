// What is said on a connection to a proxy before it leads to the other side: CONNECT (RFC 9110, 9.3.6) with
// Basic (RFC 7617), or SOCKS5 (RFC 1928) with user and password (RFC 1929). Pure; one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bridge/proxy/settings.hpp"

namespace weather::proxy {

class Handshake {
 public:
  enum class State : std::uint8_t { going, open, failed };
  static constexpr std::size_t longest_answer = 16U << 10;  // in all

  virtual ~Handshake() = default;
  // In pieces of any size. Does nothing once it is open or has failed.
  State feed(std::string_view bytes);
  State state() const { return state_; }
  // What is to be sent now; once.
  std::string take_output() { return std::exchange(output_, {}); }
  // Once open: what the other side has said already.
  std::string take_rest() { return std::exchange(input_, {}); }
  // Once failed: a sentence that names the proxy, and what it answered. One that says "refuses" is for a
  // person to mend.
  const std::string& failure() const { return failure_; }

 protected:
  Handshake(const Settings& settings, Target target)
      : proxy_(settings.proxy.text()), target_(std::move(target)) {}
  virtual void read() = 0;  // takes from input_ what is whole

  void send(std::string_view bytes) { output_ += bytes; }
  void open() { state_ = State::open; }
  void fail(const std::string& what);         // "the proxy proxy:3128 " + what
  void refuse(const std::string& what);       // "the proxy proxy:3128 refuses this gateway: " + what
  void refuse_target(const std::string& by);  // "... refuses the connection to kafka:9092 (" + by + ")"
  void not_reached(const std::string& why);   // "... cannot reach kafka:9092 (" + why + ")"

  std::string input_;
  const std::string proxy_;
  const Target target_;

 private:
  State state_ = State::going;
  std::size_t taken_ = 0;
  std::string output_, failure_;
};

// The error: a name that no proxy can be asked for.
tl::expected<std::unique_ptr<Handshake>, std::string> start_handshake(const Settings& settings,
                                                                      const Target& target);

// Whether a text of this folder says that a person must mend something: a log-in, a rule of the proxy.
bool is_refusal(std::string_view text);

// "Basic QWxh..."
std::string basic_authorization(std::string_view username, std::string_view password);

}  // namespace weather::proxy
