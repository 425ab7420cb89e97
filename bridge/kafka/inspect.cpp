#include "bridge/kafka/inspect.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "bridge/core/link.hpp"
#include "bridge/kafka/client_settings.hpp"
#include "bridge/kafka/error_table.hpp"
#include "bridge/kafka/kafka.hpp"
#include "bridge/kafka/settings.hpp"
#include "bridge/kafka/tokens.hpp"

namespace weather::bridge {
namespace {

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, kafka::Deleter<rd_kafka_metadata_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, kafka::Deleter<rd_kafka_AdminOptions_destroy>>;

// What the client tells, judged as a route's link does.
struct Errors {
  explicit Errors(std::string login_hint) : link(std::chrono::steady_clock::now(), std::move(login_hint)) {}
  std::mutex mutex;
  Link link;
  int code = 0;                        // the last one that names a cause: not only "all brokers are down"
  std::string text;                    // its
  kafka::TokenLogin* login = nullptr;  // the client's
};

void note(Errors& errors, int code, const std::string& said) {
  const std::lock_guard lock(errors.mutex);
  const auto reason = errors.login ? errors.login->explain(code, said) : said;
  (void)errors.link.error(code, reason, std::chrono::steady_clock::now());
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  errors.code = code;
  errors.text = steady_text(reason);
}

void note_error(rd_kafka_t* client, int code, const char* reason, void* opaque) {
  note(*static_cast<Errors*>(kafka::owner_of(opaque)), code, kafka::connections_of(client).explained(reason));
}

void say_nothing(const rd_kafka_t*, int, const char*, const char*) {}

// A consumer, because a producer's question after a topic may create it.
kafka::Client make_asking_client(Properties properties, Errors& errors) {
  for (const auto* transactional : {"transactional.id", "enable.gapless.guarantee", "enable.idempotence"})
    properties.erase(transactional);
  fit_fetches(properties);
  auto conf = kafka::make_conf(properties);
  conf.set_owner(&errors);
  rd_kafka_conf_set_error_cb(conf.get(), note_error);
  rd_kafka_conf_set_log_cb(conf.get(), say_nothing);
  auto client = kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf));
  errors.login = client.get_deleter().login.get();
  return client;
}

// Answers of the admin API arrive on a queue of our own.
kafka::Event wait_for(rd_kafka_queue_t* queue, std::chrono::milliseconds timeout) {
  return kafka::Event(rd_kafka_queue_poll(queue, static_cast<int>(timeout.count())));
}

AdminOptions admin_options(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                           std::chrono::milliseconds timeout) {
  AdminOptions options(rd_kafka_AdminOptions_new(client, operation));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout.count()), nullptr, 0);
  return options;
}

void read_settings(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout,
                   TopicFacts& facts) {
  const kafka::Queue queue(rd_kafka_queue_new(client));
  auto* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  const auto options = admin_options(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout);
  rd_kafka_DescribeConfigs(client, &resource, 1, options.get(), queue.get());
  rd_kafka_ConfigResource_destroy(resource);
  const auto event = wait_for(queue.get(), timeout);
  const auto* result = event ? rd_kafka_event_DescribeConfigs_result(event.get()) : nullptr;
  if (result == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    facts.settings_error = event ? explain(rd_kafka_event_error(event.get())) : "no answer in time";
    return;
  }
  std::size_t count = 0;
  const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto code = rd_kafka_ConfigResource_error(resources[i]); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      facts.settings_error = explain(code);
    std::size_t entries = 0;
    const auto* const* all = rd_kafka_ConfigResource_configs(resources[i], &entries);
    for (std::size_t j = 0; j < entries; ++j)
      if (const auto* value = rd_kafka_ConfigEntry_value(all[j]))
        facts.settings[rd_kafka_ConfigEntry_name(all[j])] = value;
  }
}

#if RD_KAFKA_VERSION >= 0x020300ff
void read_rights(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout,
                 TopicFacts& facts) {
  const kafka::Queue queue(rd_kafka_queue_new(client));
  const char* names[] = {topic.c_str()};
  auto* topics = rd_kafka_TopicCollection_of_topic_names(names, 1);
  const auto options = admin_options(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeout);
  if (const kafka::Error refused(rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
      refused)
    return;
  rd_kafka_DescribeTopics(client, topics, options.get(), queue.get());
  rd_kafka_TopicCollection_destroy(topics);
  const auto event = wait_for(queue.get(), timeout);
  const auto* result = event ? rd_kafka_event_DescribeTopics_result(event.get()) : nullptr;
  if (result == nullptr) return;
  std::size_t count = 0;
  const auto* const* described = rd_kafka_DescribeTopics_result_topics(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t operations = 0;
    const auto* allowed = rd_kafka_TopicDescription_authorized_operations(described[i], &operations);
    if (allowed == nullptr || operations == 0) continue;
    facts.may_write = std::any_of(allowed, allowed + operations, [](rd_kafka_AclOperation_t operation) {
      return operation == RD_KAFKA_ACL_OPERATION_WRITE || operation == RD_KAFKA_ACL_OPERATION_ALL;
    });
  }
}
#else
void read_rights(rd_kafka_t*, const std::string&, std::chrono::milliseconds, TopicFacts&) {}
#endif

void read_topic(const rd_kafka_metadata_t& metadata, TopicFacts& facts) {
  if (metadata.topic_cnt == 0) return;
  const auto& topic = metadata.topics[0];
  facts.partitions = topic.partition_cnt;
  facts.exists = topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && topic.partition_cnt > 0;
  facts.denied = topic.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) facts.error = explain(topic.err);
}

void note_failure(KafkaFacts& facts, int code, Errors& errors) {
  const std::lock_guard lock(errors.mutex);
  const auto worst = errors.code != 0 ? errors.code : code;
  const bool turned_away = errors.link.state() == Link::State::refused;
  facts.refused = turned_away || classify(worst) == ErrorClass::blocked;
  facts.error = turned_away ? errors.link.reason() : errors.text.empty() ? explain(code) : errors.text;
}

void look(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout, Errors& errors,
          Inspection& found) {
  const kafka::Topic handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* answer = nullptr;
  const auto end = std::chrono::steady_clock::now() + timeout;
  auto code = RD_KAFKA_RESP_ERR__TRANSPORT;
  // In short turns: errors are reported while the client is polled.
  while (answer == nullptr && std::chrono::steady_clock::now() < end) {
    code = rd_kafka_metadata(client, 0, handle.get(), &answer, 500);
    rd_kafka_poll(client, 0);
  }
  if (answer == nullptr) {
    if (const auto trouble = kafka::connections_of(client).trouble(); !trouble.empty())
      note(errors, RD_KAFKA_RESP_ERR__TRANSPORT, trouble);
    return note_failure(found.kafka, code, errors);
  }
  const Metadata metadata(answer);
  found.kafka.reached = true;
  found.kafka.brokers = metadata->broker_cnt;
  read_topic(*metadata, found.topic);
  if (!found.topic.exists) return;
  read_settings(client, topic, timeout, found.topic);
  read_rights(client, topic, timeout, found.topic);
}

}  // namespace

Inspection inspect_kafka(const Properties& properties, const std::string& topic,
                         std::chrono::milliseconds timeout) {
  Inspection found;
  Errors errors(login_hint(properties, library_version()));
  try {
    const auto client = make_asking_client(properties, errors);
    look(client.get(), topic, timeout, errors, found);
    if (errors.login) found.token = shown_token(errors.login->token());
  } catch (const std::runtime_error& error) {
    found.kafka.error = error.what();
    found.kafka.refused = true;
  }
  return found;
}

}  // namespace weather::bridge
