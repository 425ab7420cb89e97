// librdkafka's C objects as owned values. For bridge/*.cpp only: everything else stays free of rdkafka.h.
#pragma once

#include <memory>

#include <librdkafka/rdkafka.h>

#include "bridge/options/options.hpp"

namespace weather::bridge::kafka {

template <auto Destroy>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

using Conf = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using Client = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;
using RecordHeaders = std::unique_ptr<rd_kafka_headers_t, Deleter<rd_kafka_headers_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using Partitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;

// Throws std::runtime_error that names the setting librdkafka refuses.
Conf make_conf(const Properties& properties);
// Takes conf. Throws std::runtime_error with librdkafka's reason.
Client make_client(rd_kafka_type_t type, Conf conf);

}  // namespace weather::bridge::kafka
