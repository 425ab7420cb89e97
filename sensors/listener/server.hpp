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

#include "sensors/exchanges.hpp"
#include "sensors/listener/options.hpp"
#include "sensors/sink.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::sensors::listener {

class Server {
 public:
  // keeper: of QoS 2 exchanges; it must outlive the server. Null: none of them outlives the process.
  // Reads the users and certificates and opens the socket. The error is a sentence for the user; a port in
  // use is one.
  static tl::expected<std::unique_ptr<Server>, std::string> make(
      boost::asio::io_context& io, ListenerOptions options, Sink& sink, Decoder decode,
      std::uint64_t (*payload_hash)(std::string_view), ExchangeKeeper* keeper = nullptr);
  virtual ~Server() = default;

  // Before start: the log's records from restore_from() on, in their order, of whatever source. The
  // redelivery of a QoS 2 publication that the log has will be acknowledged and not stored.
  virtual std::uint64_t restore_from(std::uint64_t last_record) const = 0;
  virtual void restore(const v1::Arrival& arrival, std::uint64_t record) = 0;
  virtual void start() = 0;
  // Says goodbye to every client and closes.
  virtual void stop() = 0;
  // Reads users and certificates again; the old ones stay in use if the new ones are wrong.
  virtual tl::expected<void, std::string> reload() = 0;
  virtual ListenerStatus status() const = 0;
};

}  // namespace weather::sensors::listener
