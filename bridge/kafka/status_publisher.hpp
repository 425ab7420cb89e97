// Says one thing again and again: the newest value of one key in a compacted topic. What could not be sent in
// time is forgotten, because the next one says more. Has a producer of its own, so that no backlog and no
// transaction holds it up. Lives on the io thread; nothing blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "bridge/options/options.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::bridge {

struct StatusPublisherOptions {
  Properties properties;  // as ForwarderOptions::properties
  Profile profile = Profile::lan;
  std::string topic, key;
  Headers headers;
  // Of each value that was not replaced by another; the next is published from outside of this call. Without
  // it a value that could not be handed over waits for the next one.
  std::function<void(bool confirmed)> reported = {};
  std::chrono::milliseconds patience{60'000};  // a value that is not confirmed by then is forgotten
};

struct StatusPublisherStatus {
  std::uint64_t sent = 0, failed = 0;
  std::string last_error;  // in words; empty while all is well
};

class StatusPublisher {
 public:
  // Throws std::runtime_error if librdkafka refuses the settings.
  StatusPublisher(boost::asio::io_context& io, StatusPublisherOptions options);
  ~StatusPublisher();
  StatusPublisher(const StatusPublisher&) = delete;
  StatusPublisher& operator=(const StatusPublisher&) = delete;

  // Replaces what has not been sent yet. The topic is made when the broker is first reached, if it is not
  // there.
  void publish(std::string value, std::int64_t time_ms);
  // The same under another key than that of the options.
  void publish(std::string key, std::string value, std::int64_t time_ms);
  // Sends what waits for at most `flush`, then done; call once, then destroy.
  void stop(std::chrono::milliseconds flush, std::function<void()> done);
  const StatusPublisherStatus& status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::bridge
