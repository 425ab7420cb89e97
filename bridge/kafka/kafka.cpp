#include "bridge/kafka/kafka.hpp"

#include <array>
#include <stdexcept>

namespace weather::bridge::kafka {

Conf make_conf(const Properties& properties) {
  Conf conf(rd_kafka_conf_new());
  std::array<char, 512> text{};
  for (const auto& [key, value] : properties)
    if (rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), text.data(), text.size()) !=
        RD_KAFKA_CONF_OK)
      throw std::runtime_error("Kafka setting " + key + ": " + text.data());
  return conf;
}

Client make_client(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> text{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (!client) throw std::runtime_error(std::string("Kafka client: ") + text.data());
  (void)conf.release();  // now the client's
  return Client(client);
}

}  // namespace weather::bridge::kafka
