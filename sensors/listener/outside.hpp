// What a session asks of the world around it. The server implements it with the sink and the network; tests
// with a few lines. All on one thread, the io thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/listener/packet.hpp"
#include "sensors/ticket.hpp"

namespace weather::sensors::listener {

struct Publication {
  std::string_view client_id, topic, payload;
  std::uint8_t qos = 0;
  bool duplicate = false;
  std::uint16_t packet_id = 0;
  std::string_view traceparent, tracestate;
};

// A connection ended without a DISCONNECT and the client had left a will.
struct WentAway {
  std::string_view client_id, topic, payload;
};

struct Credentials {
  std::string_view client_id;
  std::optional<std::string_view> user_name, password;
};

struct Login {
  Reason reason = Reason::success;
  std::string user = {};                         // whose session it is; empty: anonymous
  std::vector<std::string> topic_prefixes = {};  // publications must start with one of them; empty: any topic
};

// What must be known of a QoS 2 publication after a crash, besides the publication.
enum class Qos2Step : std::uint8_t {
  released,   // its PUBREL came
  held,       // none came yet: said again from time to time, so that the end of the log tells
  forgotten,  // the session ended with all its identifiers
};

class Announcer {
 public:
  virtual ~Announcer() = default;
  // A session ended that the log tells identifiers of.
  virtual void session_ended(std::string_view client_id) = 0;
  virtual void went_away(const WentAway& client) = 0;
};

class Outside {
 public:
  virtual ~Outside() = default;
  // Stores a publication. The ticket says what must be durable before it is acknowledged. An error: nothing
  // was stored and the session keeps the packet and tries again later.
  virtual tl::expected<Ticket, std::error_code> store(const Publication& publication) = 0;
  // Keeps the step in the log; ticket and error as of store().
  virtual tl::expected<Ticket, std::error_code> note(std::string_view client_id, std::uint16_t packet_id,
                                                     std::uint64_t payload_hash, Qos2Step step) = 0;
  // Whether this listener collects the topic; a publication to another one is acknowledged and not stored.
  virtual bool collects(std::string_view topic) = 0;
  // The verdict, or nothing: it comes later by Session::on_login. Views are valid during the call only.
  virtual std::optional<Login> login(const Credentials& credentials) = 0;
  virtual std::string random_client_id() = 0;
  // The session was ended from elsewhere: its output waits to be written.
  virtual void taken_over() = 0;
  // The hash that the log keeps of a payload (Reading.arrival.payload_hash).
  virtual std::uint64_t payload_hash(std::string_view payload) = 0;
};

}  // namespace weather::sensors::listener
