#include "bridge/kafka/mock_cluster.hpp"

#include <stdexcept>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "bridge/kafka/kafka.hpp"

namespace weather::bridge {
namespace {

constexpr int produce_request = 0;  // ApiKey of the Kafka protocol

using Cluster = std::unique_ptr<rd_kafka_mock_cluster_t, kafka::Deleter<rd_kafka_mock_cluster_destroy>>;

void check(rd_kafka_resp_err_t code, const std::string& what) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(what + ": " + rd_kafka_err2str(code));
}

}  // namespace

struct MockCluster::Impl {
  kafka::Client host;  // the cluster's threads live in a client of their own
  Cluster cluster;
  int brokers = 1;
};

MockCluster::MockCluster(int brokers) : impl_(std::make_unique<Impl>()) {
  impl_->brokers = brokers;
  impl_->host = kafka::make_client(RD_KAFKA_PRODUCER, kafka::make_conf({{"log_level", "0"}}));
  impl_->cluster.reset(rd_kafka_mock_cluster_new(impl_->host.get(), brokers));
  if (!impl_->cluster) throw std::runtime_error("librdkafka's mock cluster cannot be started");
}

MockCluster::~MockCluster() = default;

std::string MockCluster::bootstrap_servers() const {
  return rd_kafka_mock_cluster_bootstraps(impl_->cluster.get());
}

void MockCluster::create_topic(const std::string& topic, int partitions) {
  check(rd_kafka_mock_topic_create(impl_->cluster.get(), topic.c_str(), partitions, impl_->brokers),
        "mock topic " + topic);
}

void MockCluster::set_link_up(bool up) {
  for (int id = 1; id <= impl_->brokers; ++id)
    check(up ? rd_kafka_mock_broker_set_up(impl_->cluster.get(), id)
             : rd_kafka_mock_broker_set_down(impl_->cluster.get(), id),
          "mock broker " + std::to_string(id));
}

void MockCluster::set_round_trip_ms(int millis) {
  for (int id = 1; id <= impl_->brokers; ++id)
    check(rd_kafka_mock_broker_set_rtt(impl_->cluster.get(), id, millis),
          "mock broker " + std::to_string(id));
}

void MockCluster::fail_produce(const std::vector<int>& codes) {
  std::vector<rd_kafka_resp_err_t> errors;
  errors.reserve(codes.size());
  for (const int code : codes) errors.push_back(static_cast<rd_kafka_resp_err_t>(code));
  rd_kafka_mock_push_request_errors_array(impl_->cluster.get(), produce_request, errors.size(),
                                          errors.data());
}

void MockCluster::set_leader(const std::string& topic, int partition, int broker) {
  check(rd_kafka_mock_partition_set_leader(impl_->cluster.get(), topic.c_str(), partition, broker),
        "leader of " + topic);
}

void MockCluster::fail_produce_late(int broker, int code, int millis) {
  check(rd_kafka_mock_broker_push_request_error_rtts(impl_->cluster.get(), broker, produce_request, 1,
                                                     static_cast<rd_kafka_resp_err_t>(code), millis),
        "mock broker " + std::to_string(broker));
}

void MockCluster::refuse_topic(const std::string& topic, int code) {
  rd_kafka_mock_topic_set_error(impl_->cluster.get(), topic.c_str(), static_cast<rd_kafka_resp_err_t>(code));
}

}  // namespace weather::bridge
