// librdkafka's C objects as owned values. For bridge/*.cpp only: everything else stays free of rdkafka.h.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <librdkafka/rdkafka.h>

#include "bridge/kafka/connections.hpp"
#include "bridge/kafka/login.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge::kafka {

void destroy_client(rd_kafka_t* client);  // and what its callbacks use

template <auto Destroy>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

// Its log-in ends first.
struct ClientEnd {
  std::shared_ptr<TokenLogin> login;  // null: none by token
  void operator()(rd_kafka_t* client) {
    login.reset();
    destroy_client(client);
  }
};
using Client = std::unique_ptr<rd_kafka_t, ClientEnd>;

// With its connections, which go where it goes.
class Conf {
 public:
  Conf(rd_kafka_conf_t* conf, std::unique_ptr<Connections> connections);
  rd_kafka_conf_t* get() const { return conf_.get(); }
  // What callbacks find by owner_of() in their opaque.
  void set_owner(void* owner) { connections_->owner = owner; }
  std::optional<oauth::Settings> login;  // what its client logs in by, if that is a token

 private:
  friend Client make_client(rd_kafka_type_t type, Conf conf);
  std::unique_ptr<Connections> connections_;
  std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>> conf_;
};

using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;
using RecordHeaders = std::unique_ptr<rd_kafka_headers_t, Deleter<rd_kafka_headers_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using Partitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;

inline const Connections& connections_of(const rd_kafka_t* client) {
  return *static_cast<Connections*>(rd_kafka_opaque(client));
}
inline void* owner_of(void* opaque) {
  return static_cast<Connections*>(opaque)->owner;
}

// Throws std::runtime_error that names the setting librdkafka refuses.
Conf make_conf(const Properties& properties);
// Takes conf. Throws std::runtime_error with librdkafka's reason.
Client make_client(rd_kafka_type_t type, Conf conf);
// Of an error event, with what is known of the way there and of the log-in.
std::string error_text(const rd_kafka_t* client, const ClientEnd& end, rd_kafka_event_t* event);

}  // namespace weather::bridge::kafka
