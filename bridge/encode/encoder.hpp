// A log entry as a Kafka record: key, value, timestamp, headers. Pure; one thread.
//
// Headers follow the CloudEvents 1.0 Kafka binding in binary mode. ce_id is the entry's stable identity: all
// resends, restarts and replays carry the same.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bridge/log/log.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

class ClockTable;
class RelayEncoder;

struct HeaderView {
  std::string_view name, value;
};

struct KafkaRecord {
  std::string_view topic, key, value;
  std::int64_t timestamp_ms = 0;  // CreateTime
  std::span<const HeaderView> headers;
  std::size_t bytes = 0;  // key, value and headers
};

// What is special about this sending.
struct Sending {
  std::int64_t now_ns = 0;
  bool replay = false;          // a person asked for it once more
  bool out_of_band = false;     // not in its turn
  std::string_view topic = {};  // instead of the route's
};

struct Encoded {
  enum class Kind : std::uint8_t {
    send,    // record is to be produced
    pass,    // nothing for this route (an anchor, a reading it does not take)
    refuse,  // cannot be sent: dead letter, see reason and text
  } kind = Kind::pass;
  KafkaRecord record;              // views are valid until the next encode()
  std::string_view id;             // ce_id; likewise
  std::int64_t event_ns = 0;       // the record's own time
  std::uint64_t lost_records = 0;  // of a loss in the stream: so many sequences this record stands for
  std::string_view reason;         // short and fixed: "undecodable"
  std::string text;
};

class Encoder {
 public:
  // Throws std::runtime_error if a template is malformed.
  Encoder(const RouteOptions& route, std::string_view gateway_id, std::string_view log_id);
  ~Encoder();

  Encoded encode(const log::Entry& entry, const Sending& sending);
  // For the formats that have one. Without it, readings cannot be framed: see needs_schema().
  void set_schema_id(const registry::SchemaId& schema_id);
  bool needs_schema() const;
  // Readings stamped while the clock was wrong get the time it should have been. Without a table they go as
  // they are.
  void set_clock(std::shared_ptr<const ClockTable> clock);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::unique_ptr<RelayEncoder> relay_;  // instead, of a route to another gateway
};

}  // namespace weather::bridge
