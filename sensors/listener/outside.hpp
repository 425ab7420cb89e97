// What a session asks of the world around it. The server implements it with the sink and the network; tests
// with a few lines. All on one thread, the io thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/access/id_rule.hpp"
#include "sensors/exchanges.hpp"
#include "sensors/listener/packet.hpp"
#include "sensors/ticket.hpp"

namespace weather::sensors::listener {

struct Publication {
  std::string_view client_id, topic, payload;
  std::uint8_t qos = 0;
  bool duplicate = false;
  std::uint16_t packet_id = 0;
  std::string_view traceparent, tracestate;
  const IdRule* ids = nullptr;  // null: readings of any sensor
  std::string_view party = {};  // share_of() its user or address
};

// A connection ended without a DISCONNECT and the client had left a will.
struct WentAway {
  std::string_view client_id, topic, payload;
  const IdRule* ids = nullptr;
};

struct Credentials {
  std::string_view client_id;
  std::optional<std::string_view> user_name, password;
};

struct Login {
  Reason reason = Reason::success;
  std::string user = {};                         // whose session it is; empty: anonymous
  std::vector<std::string> topic_prefixes = {};  // publications must be within one of them; empty: any topic
  std::shared_ptr<const IdRule> ids = {};        // null: readings of any sensor
};

class Announcer {
 public:
  virtual ~Announcer() = default;
  // A session ended with identifiers of publications up to this record.
  virtual void session_ended(std::string_view client_id, std::uint64_t record) = 0;
  // Too many are held: the client will not be asked for the PUBREL of this record's publication any more.
  // record 0: the log does not tell of it.
  virtual void given_up(std::string_view client_id, std::uint16_t packet_id, std::uint64_t record) = 0;
  virtual void went_away(const WentAway& client) = 0;
  // A sleeping session gave way to another; with_state: it held identifiers or a will.
  virtual void evicted(bool /*with_state*/) {}
};

class Outside {
 public:
  virtual ~Outside() = default;
  // Stores a publication. The ticket says what must be durable before it is acknowledged. An error: nothing
  // was stored; AccessErrc::foreign_id is for good, with any other the session keeps the packet and tries
  // again later.
  virtual tl::expected<Ticket, std::error_code> store(const Publication& publication) = 0;
  // The identifier of this record's publication was given back. What must be kept before PUBCOMP.
  virtual ExchangeKeeper::Step released(std::string_view client_id, std::uint16_t packet_id,
                                        std::uint64_t record) = 0;
  // The user may not publish there. Of a foreign sensor's reading store() knows itself.
  virtual void not_authorized(std::string_view /*user*/, std::string_view /*topic*/) {}
  // An MQTT 5 client got the reason code that it holds too many identifiers.
  virtual void refused_to_hold() {}
  // Whether this listener collects the topic; a publication to another one is acknowledged and not stored.
  virtual bool collects(std::string_view topic) = 0;
  // The verdict, or nothing: it comes later by Session::on_login. Views are valid during the call only.
  virtual std::optional<Login> login(const Credentials& credentials) = 0;
  // The login was right: whether there is a place for this connection. Another one may have given way.
  virtual bool enter(const std::string& /*share*/) { return true; }
  virtual std::string_view address() const { return {}; }  // where the client is, for its share
  virtual std::string random_client_id() = 0;
  // The session was ended from elsewhere: its output waits to be written.
  virtual void taken_over() = 0;
  // The hash that the log keeps of a payload (Reading.arrival.payload_hash).
  virtual std::uint64_t payload_hash(std::string_view payload) = 0;
};

}  // namespace weather::sensors::listener
