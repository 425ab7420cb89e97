// The small client: one record in, records out, for `weather-gateway produce`, `consume` and `fleet`. All
// block the calling thread until they are done or `stop` becomes true.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bridge/options/options.hpp"

namespace weather::bridge {

// How long either waits before it looks at `stop` again.
inline constexpr int client_poll_ms = 100;

// What happened, to what, and what to do next, in one sentence.
struct ClientError {
  std::string text;
};

struct ProduceOptions {
  Properties properties;
  std::string topic;
  std::optional<std::string> key, value;  // no value: a tombstone
  Headers headers;                        // sent in order, repeats included
  std::optional<std::int64_t> timestamp_ms;
  std::int64_t timeout_ms = 30000;             // until the delivery report
  std::optional<std::int32_t> partition = {};  // none: by the key
};

struct Produced {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

tl::expected<Produced, ClientError> produce(const ProduceOptions& options, const std::atomic<bool>& stop);

struct LastWordsOptions {
  Properties properties;
  std::string topic;
  std::int64_t timeout_ms = 30000;
};
// What a compacted topic says: the newest value of each key that is no tombstone. Empty if there is no such
// topic.
tl::expected<std::map<std::string, std::string>, ClientError> last_words(const LastWordsOptions& options,
                                                                         const std::atomic<bool>& stop);
// Makes it, with one partition, if it is not there and may be made.
tl::expected<void, ClientError> make_compacted_topic(const LastWordsOptions& options);

enum class ConsumeFormat : std::uint8_t { text, json, table };

struct ConsumeOptions {
  Properties properties;
  std::string topic;
  std::string group = "weather-gateway-consume";
  bool from_beginning = false;  // of every partition, whatever the group has committed
  std::optional<std::int64_t> from_time_ms;
  std::uint64_t count = 0;  // stop after this many; 0: go on until `stop`
  bool dedup = false;       // leave out records whose ce_id was seen in this run
  ConsumeFormat format = ConsumeFormat::text;
  bool raw = false;               // a reading in Protobuf as the bytes it is
  std::ostream* notes = nullptr;  // group changes and errors that pass, one a line
  // Takes the events in place of `out`, a batch of lines at a time; true only when it has them for good. The
  // group's offsets are committed behind each batch that was taken, before the next one is begun; one that
  // was not is given again after a while, until `stop`.
  std::function<bool(std::string_view lines)> taker;
  std::uint64_t batch = 1000;   // events at most in one
  std::int64_t wait_ms = 1000;  // and how long its first may wait for more
};

// Joins the group, starts at the earliest offset when the group has none, prints one event a line:
// `key = sensor-001  value = {...}`, and leaves the group. Returns how many were printed. Nothing is
// committed of an event that `out` or `taker` has not taken: who is killed gets some of them again, and
// misses none.
tl::expected<std::uint64_t, ClientError> consume(const ConsumeOptions& options, std::ostream& out,
                                                 const std::atomic<bool>& stop);

}  // namespace weather::bridge
