// What librdkafka alone can do with the gateway's records: the first 100,000 of a stopped gateway's log,
// encoded beforehand as the gateway encodes them, produced again and again with the gateway's settings and
// the gateway's bound on what is in flight.
//
//   bare-producer BOOTSTRAP TOPIC LOG-FOLDER RECORDS [HEADERS] [NAME=VALUE ...]
//
// HEADERS: at most so many of each record, 0 to 99; all by default. NAME=VALUE: librdkafka's, but
// records_per_s, no more than so many; as fast as it can by default.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "bridge/encode/encoder.hpp"
#include "bridge/kafka/kafka.hpp"
#include "bridge/kafka/settings.hpp"
#include "bridge/log/clock.hpp"
#include "bridge/log/files.hpp"
#include "tests/bench/cpu_seconds.hpp"

namespace {

using namespace weather;
using bench::cpu_seconds;

struct Record {
  std::string key, value;
  std::int64_t timestamp_ms = 0;
  std::vector<std::pair<std::string, std::string>> headers;
};

std::vector<Record> encoded(const char* folder, const bridge::RouteOptions& route, std::size_t most,
                            std::size_t most_headers) {
  log::Options options;
  options.dir = folder;
  const auto log = log::Log::open(options, log::posix_files(), log::system_clock());
  if (!log) throw std::runtime_error(log.error().message());
  bridge::Encoder encoder(route, "bench", (*log)->id());
  const auto reader = (*log)->reader(1);
  std::vector<Record> records;
  while (records.size() < most) {
    const auto entries = reader->read(1000, 1U << 20);
    if (!entries || entries->empty()) break;
    for (const auto& entry : *entries) {
      const auto made = encoder.encode(entry, {.now_ns = log::system_clock().wall_ns()});
      if (made.kind != bridge::Encoded::Kind::send) continue;
      auto& record = records.emplace_back(
          Record{std::string(made.record.key), std::string(made.record.value), made.record.timestamp_ms, {}});
      for (const auto& header : made.record.headers)
        if (record.headers.size() < most_headers) record.headers.emplace_back(header.name, header.value);
    }
  }
  if (records.empty()) throw std::runtime_error(std::string("no records in ") + folder);
  return records;
}

int run(const char* bootstrap, const char* topic_name, const char* folder, std::uint64_t count,
        std::size_t most_headers, std::uint64_t records_per_s, const bridge::Properties& given) {
  bridge::RouteOptions route;
  route.topic = topic_name;
  route.headers = {{"source", "weather-station"}, {"unit", "metric"}};
  const auto records = encoded(folder, route, 100'000, most_headers);
  auto wanted = given;
  wanted["bootstrap.servers"] = bootstrap;
  const auto properties = bridge::forwarder_properties(wanted, bridge::Profile::lan,
                                                       bridge::Delivery::at_least_once, rd_kafka_version());
  auto conf = bridge::kafka::make_conf(properties);
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR);
  const auto client = bridge::kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf));
  const bridge::kafka::Queue queue(rd_kafka_queue_get_main(client.get()));
  const bridge::kafka::Topic topic(rd_kafka_topic_new(client.get(), topic_name, nullptr));
  const std::uint64_t window = bridge::ForwarderOptions{}.window_records;

  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  std::uint64_t sent = 0, delivered = 0;
  const auto due = [&] {
    if (records_per_s == 0) return count;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    return std::min(count, static_cast<std::uint64_t>(passed.count() * static_cast<double>(records_per_s)));
  };
  while (delivered < count) {
    for (const std::uint64_t most = due(); sent < most && sent - delivered < window;) {
      const Record& record = records[sent % records.size()];
      bridge::kafka::RecordHeaders headers(rd_kafka_headers_new(record.headers.size()));
      for (const auto& [name, value] : record.headers)
        rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                            static_cast<ssize_t>(value.size()));
      const auto error = rd_kafka_producev(
          client.get(), RD_KAFKA_V_RKT(topic.get()), RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),
          RD_KAFKA_V_TIMESTAMP(record.timestamp_ms), RD_KAFKA_V_HEADERS(headers.get()),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
      (void)headers.release();  // now the message's
      ++sent;
    }
    const bridge::kafka::Event event(rd_kafka_queue_poll(queue.get(), records_per_s == 0 ? 100 : 1));
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    while (const auto* message = rd_kafka_event_message_next(event.get())) {
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw std::runtime_error(rd_kafka_err2str(message->err));
      ++delivered;
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("{\"records\":%llu,\"per_second\":%.0f,\"cpu_s_per_million\":%.2f}\n",
              static_cast<unsigned long long>(count), static_cast<double>(count) / seconds,
              (cpu_seconds() - cpu) * 1e6 / static_cast<double>(count));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5)
    return std::fprintf(
               stderr,
               "usage: bare-producer BOOTSTRAP TOPIC LOG-FOLDER RECORDS [HEADERS] [NAME=VALUE ...]\n"),
           64;
  try {
    bridge::Properties given;
    for (int i = 6; i < argc; ++i) {
      const std::string pair = argv[i];
      given[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
    }
    std::uint64_t records_per_s = 0;
    if (const auto rate = given.extract("records_per_s"))
      records_per_s = std::strtoull(rate.mapped().c_str(), nullptr, 10);
    return run(argv[1], argv[2], argv[3], std::strtoull(argv[4], nullptr, 10),
               argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 99, records_per_s, given);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bare-producer: %s\n", error.what());
    return 1;
  }
}
