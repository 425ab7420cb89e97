// Our own MQTT endpoint for publishers: a publication is acknowledged when its reading is on the disk.
//
// Everything runs on the io_context's one thread except the check of passwords. The io_context must outlive
// the server, and run no more when it is destroyed; the sink must outlive both.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "sensors/listener/options.hpp"
#include "sensors/sink.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::sensors::listener {

class Server {
 public:
  // Reads the users and certificates and opens the socket. The error is a sentence for the user; a port in
  // use is one.
  static tl::expected<std::unique_ptr<Server>, std::string> make(
      boost::asio::io_context& io, ListenerOptions options, Sink& sink, Decoder decode,
      std::uint64_t (*payload_hash)(std::string_view));
  virtual ~Server() = default;

  // Before start: what the end of the log (limits.hpp: qos2_read_back) tells of this listener's clients, in
  // its order. The redelivery of a QoS 2 publication that it has will be acknowledged and not stored.
  virtual void restore(const v1::Arrival& arrival, Ticket record) = 0;
  virtual void start() = 0;
  // Says goodbye to every client and closes.
  virtual void stop() = 0;
  // Reads users and certificates again; the old ones stay in use if the new ones are wrong.
  virtual tl::expected<void, std::string> reload() = 0;
  virtual ListenerStatus status() const = 0;
};

}  // namespace weather::sensors::listener
