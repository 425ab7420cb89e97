#include "bridge/kafka/profiles.hpp"

#include <array>
#include <string_view>

namespace weather::bridge {
namespace {

struct Row {
  const char* name;
  std::array<const char*, 3> values;  // lan, lte, metered; null: the library's own default
};

// batch.size: a batch must cross the link well within socket.timeout.ms (128 KiB at 64 kbit/s: 16 s).
// batch.num.messages: several batches fit the window (kafka.window_records), so that the next is encoded
// while one is under way; with one request in flight a batch as large as the window leaves both sides waiting
// in turn.
// linger.ms: a topic of many partitions shares the window out, and a part smaller than a batch waits so long.
// compression: lz4 costs a fifth of zstd's time, and within a house its larger batches cost nothing.
// queue.buffering.max.messages bounds memory (about 1.6 kB a record); ...kbytes alone does not, as it does
// not count librdkafka's own structures. request.timeout.ms stays below socket.timeout.ms.
// api.version.request.timeout.ms: a broker that takes a connection and never answers is reported after this
// time. receive.message.max.bytes: the client allocates what a broker announces; answers to a producer are
// small (2 MiB hold the metadata of some 30,000 partitions), and the default is 100 MB a connection.
constexpr Row rows[] = {
    {"max.in.flight.requests.per.connection", {"5", "5", "1"}},
    {"retry.backoff.ms", {"100", "500", "1000"}},
    {"retry.backoff.max.ms", {"1000", "10000", "30000"}},
    {"reconnect.backoff.ms", {"100", "500", "2000"}},
    {"reconnect.backoff.max.ms", {"10000", "15000", "60000"}},
    {"socket.timeout.ms", {"30000", "60000", "60000"}},
    {"request.timeout.ms", {"20000", "30000", "30000"}},
    {"api.version.request.timeout.ms", {"5000", "8000", nullptr}},
    {"socket.connection.setup.timeout.ms", {"10000", "30000", "45000"}},
    {"socket.keepalive.enable", {"true", "true", "true"}},
    {"connections.max.idle.ms", {"0", "240000", "60000"}},
    {"receive.message.max.bytes", {"2097152", "2097152", "2097152"}},
    {"linger.ms", {"20", "1000", "30000"}},
    {"batch.size", {"1000000", "131072", "262144"}},
    {"batch.num.messages", {"1000", "2000", "5000"}},
    {"compression.codec", {"lz4", "zstd", "zstd"}},
    {"compression.level", {nullptr, nullptr, "6"}},
    {"queue.buffering.max.messages", {"20000", "5000", "5000"}},
    {"queue.buffering.max.kbytes", {"16384", "8192", "8192"}},
    {"topic.metadata.refresh.interval.ms", {"300000", "900000", "3600000"}},
    {"broker.address.ttl", {"1000", "30000", "60000"}},
    {"client.dns.lookup", {"use_all_dns_ips", "use_all_dns_ips", "use_all_dns_ips"}},
    {"partitioner", {"murmur2_random", "murmur2_random", "murmur2_random"}},
    {"statistics.interval.ms", {"5000", "10000", "30000"}},
    {"enable.metrics.push", {nullptr, "false", "false"}},
    {"metadata.recovery.strategy", {"rebootstrap", "rebootstrap", "rebootstrap"}},
    {"ssl.endpoint.identification.algorithm", {"https", "https", "https"}},
};

Properties column(std::size_t index) {
  Properties result;
  for (const Row& row : rows)
    if (row.values[index]) result.emplace(row.name, row.values[index]);
  return result;
}

}  // namespace

const Properties& profile_properties(Profile profile) {
  static const std::array<Properties, 3> all = {column(0), column(1), column(2)};
  return all[static_cast<std::size_t>(profile)];
}

}  // namespace weather::bridge
