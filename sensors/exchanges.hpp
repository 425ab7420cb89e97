// What a listener must know after a crash of QoS 2 publications whose identifier the client has not given
// back, kept outside the log: what a gateway notes about itself never takes the room of a reading.
//
// The log tells of each publication (Reading.arrival). The keeper holds what came after: that an identifier
// was given back, that a session ended, and the identifiers of publications further back than the listener
// looks into the log at a start.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weather::sensors {

// A publication whose PUBREL has not come; record: its place in the log.
struct HeldIdentifier {
  std::string client;
  std::uint16_t packet_id = 0;
  std::uint64_t payload_hash = 0;
  std::uint64_t record = 0;
  friend bool operator==(const HeldIdentifier&, const HeldIdentifier&) = default;
};

// What is known of one source's exchanges. Of records up to `upto` the held ones are in `held`, all of them;
// of later ones the log tells, except for those that were given back: see is_over().
struct KnownExchanges {
  std::uint64_t upto = 0;  // 0: nothing is known
  std::vector<HeldIdentifier> held;
  std::function<bool(std::string_view client, std::uint16_t packet_id, std::uint64_t record)> is_over;
};

// Steps are numbered as they are given; a step is kept in order and never refused, it only becomes durable
// later. Thread-safe; blocks on the disk only in known().
class ExchangeKeeper {
 public:
  using Step = std::uint64_t;

  virtual ~ExchangeKeeper() = default;
  // The client gave the identifier of this record's publication back.
  virtual Step released(std::string_view source, std::string_view client, std::uint16_t packet_id,
                        std::uint64_t record) = 0;
  // The session ended with all its identifiers, up to this record.
  virtual Step ended(std::string_view source, std::string_view client, std::uint64_t record) = 0;
  // With what was given before, these are all identifiers held of records up to `upto`.
  virtual Step held(std::string_view source, std::span<const HeldIdentifier> held, std::uint64_t upto) = 0;
  // The source needs the log's records from this one on, until it says otherwise; delivered ones are kept
  // while there is room. max: none.
  virtual void needs_from(std::string_view source, std::uint64_t record) = 0;

  virtual KnownExchanges known(std::string_view source) = 0;
  virtual Step durable() const = 0;
  // Called with the new durable() on the keeper's thread; must not block. Not removable.
  virtual void on_durable(std::function<void(Step)> callback) = 0;
};

}  // namespace weather::sensors
