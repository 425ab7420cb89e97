// GETs from a device of the local network, one at a time, each on a connection of its own. On the io thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/address.hpp>
#include <tl/expected.hpp>

#include "sensors/sources/http_answer.hpp"
#include "sensors/sources/http_place.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::sensors {

struct HttpGetLimits {
  std::chrono::milliseconds longest{10'000};  // name, connection and answer together
  std::size_t most_body_bytes = 256U << 10;
};

class HttpGet {
 public:
  struct Got {
    HttpAnswer answer;
    boost::asio::ip::address from;
  };
  // The error is a sentence about the device: "it cannot be reached (Connection refused)".
  using Done = std::function<void(tl::expected<Got, std::string>)>;

  HttpGet(boost::asio::io_context& io, HttpPlace place, HttpGetLimits limits);
  ~HttpGet();  // cancels
  HttpGet(const HttpGet&) = delete;
  HttpGet& operator=(const HttpGet&) = delete;

  // Not while one is under way. `target`: path and query. Redirections are not followed.
  void get(const std::string& target, Done done);
  void cancel();  // `done` is not called any more

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::sensors
