// Where a source puts what it received. A source knows no log and no Kafka, only the sink it was given.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tl/expected.hpp>

#include "sensors/access/id_rule.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/ticket.hpp"

namespace weather::sensors {

using v1::Reading;

struct Account;       // account.hpp
struct FilePosition;  // file_position.hpp
// The units that a source's numbers are in where nothing in the message says one: canonical name -> UCUM.
using AssumedUnits = std::map<std::string, std::string, std::less<>>;

// One message as it came in, before decoding. Views are valid during the call only.
struct Message {
  std::string_view source;  // configured name: "mqtt:127.0.0.1:1883", "http", "rtl_433"
  std::string_view topic;   // MQTT topic, HTTP path, device
  std::string_view payload;
  std::int64_t received_ns = 0;  // gateway wall clock, unix ns; 0: the sink stamps it
  bool retained = false;
  bool duplicate = false;  // MQTT DUP: a redelivery, maybe of something already stored
  bool again = false;  // the sink refused this very message before: a decoder must not take it for a repeat
  std::uint32_t packet_id = 0;  // MQTT packet identifier, 0 = none
  std::string_view client;      // MQTT client id of a QoS 1 or 2 publication to our own listener, else empty
  bool exactly_once = false;    // ... of QoS 2
  std::string_view party;       // whose share of places it uses: a user or an address; empty: the source's
  std::string_view traceparent, tracestate;
  const FilePosition* file = nullptr;  // behind this line, if it is one of a file that is followed
  std::string_view heading;            // that file's first lines, as many as the format needs
  // Whose sensors the readings must be; null: anybody's. A message that breaks the rule is refused as a whole
  // (AccessErrc::foreign_id), and the check then tells the id.
  IdCheck* ids = nullptr;
  Account* account = nullptr;           // if there is one, a decoder says here what became of each field
  const AssumedUnits* units = nullptr;  // of numbers whose unit the message does not say
};

// The UCUM unit that the source was configured with for this quantity; empty: none.
inline std::string_view assumed_unit(const Message& message, std::string_view canonical) {
  if (message.units == nullptr) return {};
  const auto found = message.units->find(canonical);
  return found == message.units->end() ? std::string_view{} : std::string_view(found->second);
}

// Why a payload is not a reading: for people, with its place. "offset 17: expected a number after
// \"temperature\""
struct DecodeError {
  std::string reason;  // short and fixed, for counters: "json_syntax", "no_quantity", "too_deep"
  std::string text;
};
using Decoded = tl::expected<std::vector<Reading>, DecodeError>;

// Pure: same bytes, same readings. No clock, no socket, no state that is not in the object; one thread at a
// time.
using Decoder = std::function<Decoded(const Message&)>;

template <class T>
using Result = tl::expected<T, std::error_code>;

// Does a sender wait for its acknowledgement until the readings are durable?
enum class Waits : bool { no, yes };

// Thread-safe. An error means that nothing was accepted: do not acknowledge.
class Sink {
 public:
  virtual ~Sink() = default;
  // Decodes and stores. What cannot be decoded is stored raw and marked, so this is an error only if the log
  // refuses. Ticket 0: a dropped repeat, or nothing to store.
  virtual Result<Ticket> accept(const Message& message, const Decoder& decode, Waits waits) = 0;
  // Stores readings of a polled source (without acknowledgements) or of a source that decodes itself.
  virtual Result<Ticket> store(std::vector<Reading> readings, Waits waits) = 0;
  // For a source that stores several messages at once with Waits::no and withholds their acknowledgements:
  // commit them now, all together. Returns at once.
  virtual void hurry() {}
  // Blocks until durable; never on the io thread.
  virtual Result<void> wait(Ticket ticket, std::chrono::milliseconds timeout) = 0;
  // For sources on the io thread: everything up to this ticket is durable.
  virtual Ticket durable() const = 0;
  // Called with the new durable() after each commit, on the log thread; must not block: post to your own
  // executor.
  virtual void on_durable(std::function<void(Ticket)> callback) = 0;
};

}  // namespace weather::sensors
