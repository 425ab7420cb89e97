// The way to the receiver, as the client sees it: one request at a time.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace weather::bridge::relay {

struct LineAnswer {
  unsigned status = 0;  // of HTTP; 0: there was no answer
  std::string body;
  std::chrono::seconds retry_after{0};  // 0: not said
  std::chrono::microseconds took{0};
  int code = 0;      // without an answer: of kafka_codes.hpp, transport, resolve, tls or timed_out
  std::string text;  // what happened to which host: "no connection to site:8443 (Connection refused)"
};

class Line {
 public:
  virtual ~Line() = default;  // cancels
  // Not while one is under way. done comes once, later, and not after cancel().
  virtual void post(std::string body, std::function<void(const LineAnswer&)> done) = 0;
  virtual void cancel() = 0;  // the receiver may have taken it all the same
};

}  // namespace weather::bridge::relay
