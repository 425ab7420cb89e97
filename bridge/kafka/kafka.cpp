#include "bridge/kafka/kafka.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "bridge/kafka/proxied.hpp"

namespace weather::bridge::kafka {

void destroy_client(rd_kafka_t* client) {
  const std::unique_ptr<Connections> connections(static_cast<Connections*>(rd_kafka_opaque(client)));
  rd_kafka_destroy(client);
}

Conf::Conf(rd_kafka_conf_t* conf, std::unique_ptr<Connections> connections)
    : connections_(std::move(connections)), conf_(conf) {
  rd_kafka_conf_set_opaque(conf, connections_.get());
  connections_->install(conf);
}

Conf make_conf(const Properties& properties) {
  auto connections = std::make_unique<Connections>(properties);
  Conf conf(rd_kafka_conf_new(), std::move(connections));
  std::array<char, 512> text{};
  conf.login = prepare_login(conf.get(), properties);
  for (const auto& [key, value] : properties)
    if (!is_proxy_setting(key) && !oauth::is_setting(key) &&
        rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), text.data(), text.size()) !=
            RD_KAFKA_CONF_OK)
      throw std::runtime_error("Kafka setting " + key + ": " + text.data());
  return conf;
}

Client make_client(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> text{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (!client) throw std::runtime_error(std::string("Kafka client: ") + text.data());
  (void)conf.conf_.release();  // now the client's
  (void)conf.connections_.release();
  Client made(client);
  if (conf.login)
    made.get_deleter().login = std::make_shared<TokenLogin>(client, oauth::Keeper::of(*conf.login));
  return made;
}

std::string error_text(const rd_kafka_t* client, const ClientEnd& end, rd_kafka_event_t* event) {
  std::string text = connections_of(client).explained(rd_kafka_event_error_string(event));
  return end.login ? end.login->explain(rd_kafka_event_error(event), text) : text;
}

}  // namespace weather::bridge::kafka
