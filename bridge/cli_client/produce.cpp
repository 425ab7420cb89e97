#include <array>
#include <chrono>
#include <stdexcept>

#include "bridge/cli_client/client.hpp"
#include "bridge/core/link.hpp"
#include "bridge/kafka/client_settings.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/kafka.hpp"

namespace weather::bridge {
namespace {

using Clock = std::chrono::steady_clock;

kafka::Error hand_over(rd_kafka_t* client, const ProduceOptions& options) {
  kafka::RecordHeaders headers(rd_kafka_headers_new(options.headers.size()));
  for (const auto& [name, value] : options.headers)
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  const auto bytes = [](const std::optional<std::string>& text) {
    return text ? const_cast<char*>(text->data()) : nullptr;  // copied, not changed
  };
  std::array<rd_kafka_vu_t, 7> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = options.topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_KEY;
  parts[1].u.mem = {bytes(options.key), options.key ? options.key->size() : 0};
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {bytes(options.value), options.value ? options.value->size() : 0};
  parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[3].u.i = RD_KAFKA_MSG_F_COPY;
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers.get();
  parts[5].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[5].u.i32 = options.partition.value_or(RD_KAFKA_PARTITION_UA);
  parts[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[6].u.i64 = options.timestamp_ms.value_or(0);
  kafka::Error error(rd_kafka_produceva(client, parts.data(), options.timestamp_ms ? 7 : 6));
  if (!error) (void)headers.release();  // now the message's
  return error;
}

ClientError refused(const ProduceOptions& options, int code) {
  return {"the record was not delivered to " + options.topic + ": " + explain(code)};
}

}  // namespace

tl::expected<Produced, ClientError> produce(const ProduceOptions& options,
                                            const std::atomic<bool>& stop) try {
  const Properties properties = client_properties(options.properties,
                                                  {{"partitioner", "murmur2_random"},
                                                   {"message.timeout.ms", std::to_string(options.timeout_ms)},
                                                   {"log_level", "0"}},
                                                  true);
  kafka::Conf conf = kafka::make_conf(properties);
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  const kafka::Client client = kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf));
  const kafka::Queue queue(rd_kafka_queue_get_main(client.get()));
  if (const auto error = hand_over(client.get(), options))
    return tl::unexpected(refused(options, rd_kafka_error_code(error.get())));

  LastError last;
  const auto deadline = Clock::now() + std::chrono::milliseconds(options.timeout_ms);
  while (!stop && Clock::now() < deadline) {
    const kafka::Event event(rd_kafka_queue_poll(queue.get(), client_poll_ms));
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
      last.note(rd_kafka_event_error(event.get()),
                kafka::error_text(client.get(), client.get_deleter(), event.get()));
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get());
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return Produced{message->partition, message->offset};
    if (message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) break;
    return tl::unexpected(refused(options, message->err));
  }
  rd_kafka_purge(client.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  if (stop)
    return tl::unexpected(ClientError{"stopped before Kafka confirmed the record: it may be there or not"});
  return tl::unexpected(
      ClientError{"the record was not delivered to " + options.topic + ": " + last.explain(properties)});
} catch (const std::runtime_error& error) {
  return tl::unexpected(ClientError{error.what()});
}

}  // namespace weather::bridge
