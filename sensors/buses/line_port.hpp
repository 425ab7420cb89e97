// A line to an instrument: a serial device, or the same over TCP (ser2net, a serial server, an instrument
// with a network port). One thread at a time: that of its io_context.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <tl/expected.hpp>

namespace boost::asio {
class io_context;
}

namespace weather::sensors {

// Where it is: "/dev/serial/by-id/..." (keeps its name when others are plugged in) or "tcp://host:port".
struct LinePlace {
  std::string device;  // empty: TCP
  std::string host;
  std::uint16_t port = 0;
  // The error is a sentence.
  static tl::expected<LinePlace, std::string> parse(const std::string& written);
};

struct LineSettings {
  unsigned baud = 9600;
  std::string framing = "8N1";  // data bits, parity (N, E, O), stop bits
};

class LinePort {
 public:
  LinePort(boost::asio::io_context& io, LinePlace place, LineSettings settings);
  ~LinePort();  // closes

  // `done` gets an empty text, or what went wrong with what to do. At most 10 s later.
  void open(std::function<void(std::string)> done);
  using Handler = std::function<void(const boost::system::error_code&, std::size_t)>;
  void read_some(boost::asio::mutable_buffer into, Handler handler);
  void write(std::string_view bytes, Handler handler);  // which must stay until then
  void close();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::sensors
