#include "bridge/kafka/topic_reader.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "bridge/kafka/background.hpp"
#include "bridge/kafka/client_settings.hpp"
#include "bridge/kafka/kafka.hpp"
#include "bridge/kafka/queue_wakeup.hpp"
#include "bridge/kafka/settings.hpp"

namespace weather::bridge {
namespace {

namespace asio = boost::asio;

// A broker that has nothing new answers after so long: four small requests a minute over a metered link.
constexpr int wait_for_more_ms = 15'000;
constexpr std::size_t ahead_kbytes = 1024;
constexpr int events_per_turn = 16;

Properties reader_properties(const TopicReaderOptions& options) {
  auto properties = client_properties(
      forwarder_properties(options.properties, options.profile, Delivery::at_least_once, rd_kafka_version()),
      {}, false);
  properties["group.id"] = "weather-gateway-downlink";  // never joined: the partition is assigned
  properties["enable.auto.commit"] = "false";
  properties["auto.offset.reset"] = "earliest";
  properties["isolation.level"] = "read_committed";
  properties["fetch.wait.max.ms"] = std::to_string(wait_for_more_ms);
  properties["queued.max.messages.kbytes"] = std::to_string(ahead_kbytes);
  properties["fetch.message.max.bytes"] = std::to_string(options.most_record_bytes);
  properties["statistics.interval.ms"] = "0";
  properties["log_level"] = "0";
  return properties;
}

}  // namespace

// Kept alive by pending completions of the io_context; `ended` once the owner is gone.
struct TopicReader::Impl : std::enable_shared_from_this<TopicReader::Impl> {
  Impl(asio::io_context& context, TopicReaderOptions given)
      : io(context), options(std::move(given)), wakeup(io) {}

  void wait() {
    wakeup.wait([self = shared_from_this()] {
      if (!self->ended) self->serve();
    });
  }

  void serve() {
    for (int i = 0; i < events_per_turn && !ended; ++i) {
      const kafka::Event event(rd_kafka_queue_poll(queue.get(), 0));
      if (!event) return wait();
      dispatch(event.get());
    }
    asio::post(io, [self = shared_from_this()] {
      if (!self->ended) self->serve();
    });
  }

  void dispatch(rd_kafka_event_t* event) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
      last.note(rd_kafka_event_error(event), kafka::error_text(client.get(), client.get_deleter(), event));
      trouble = last.explain(options.properties);
    }
    if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_FETCH) return;
    while (const rd_kafka_message_t* message = ended ? nullptr : rd_kafka_event_message_next(event)) {
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        last.note(message->err, rd_kafka_message_errstr(message));
        trouble = last.explain(options.properties);
        continue;
      }
      trouble.clear();
      ReadRecord record{message->offset, std::nullopt};
      if (message->payload) record.value = {static_cast<const char*>(message->payload), message->len};
      if (!options.take(record)) ended = true;
    }
  }

  asio::io_context& io;
  const TopicReaderOptions options;
  QueueWakeup wakeup;
  kafka::Client client;
  kafka::Queue queue;
  LastError last;
  std::string trouble;
  bool ended = false;
};

TopicReader::TopicReader(asio::io_context& io, Background& background, TopicReaderOptions options)
    : impl_(std::make_shared<Impl>(io, std::move(options))), background_(background) {
  auto conf = kafka::make_conf(reader_properties(impl_->options));
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR);
  impl_->client = kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf));
  rd_kafka_poll_set_consumer(impl_->client.get());
  impl_->queue.reset(rd_kafka_queue_get_consumer(impl_->client.get()));
  impl_->wakeup.watch(impl_->queue.get());
  const kafka::Partitions partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(partitions.get(), impl_->options.topic.c_str(), 0)->offset =
      impl_->options.next_offset;
  rd_kafka_assign(impl_->client.get(), partitions.get());
  asio::post(io, [self = impl_] {
    if (!self->ended) self->serve();
  });
}

TopicReader::~TopicReader() {
  impl_->ended = true;
  impl_->wakeup.end(impl_->queue.get());
  impl_->queue.reset();
  // Destroying it may wait for a name look-up.
  auto client = std::make_shared<kafka::Client>(std::move(impl_->client));
  background_.run([client = std::move(client)]() mutable { client.reset(); });
}

const std::string& TopicReader::trouble() const {
  return impl_->trouble;
}

}  // namespace weather::bridge
