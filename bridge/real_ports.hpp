// The ports of the running gateway: librdkafka, an io_context, the registry over HTTP, the card. io thread.
#pragma once

#include <memory>
#include <optional>

#include "bridge/asio_scheduler.hpp"
#include "bridge/core/ports.hpp"
#include "bridge/kafka/background.hpp"
#include "bridge/relay_factory.hpp"

namespace weather::log {
class Clock;
class Log;
}  // namespace weather::log

namespace weather::bridge {

class RdkafkaFactory final : public ClientFactory {
 public:
  // Both outlive it and what it makes.
  RdkafkaFactory(boost::asio::io_context& io, Background& background) : io_(io), background_(background) {}
  Properties settings(const Properties& own, Profile profile, Delivery delivery) override;
  std::string login_hint(const Properties& properties) override;
  std::unique_ptr<KafkaClient> make(const Properties& properties, KafkaEvents& events) override;
  std::unique_ptr<FileChanges> watch_certificates(const Properties& properties) override;

 private:
  boost::asio::io_context& io_;
  Background& background_;
};

// The cache on the card, and the registry behind it. Without settings nothing is known and nothing is asked.
class RegistrySchemas final : public SchemaSource {
 public:
  RegistrySchemas(std::optional<RegistrySettings> settings, boost::asio::io_context& io,
                  Background& background)
      : settings_(std::move(settings)), io_(io), background_(background) {}
  std::optional<registry::SchemaId> known(const registry::SchemaKey& key) override;
  void ask(const registry::SchemaKey& key, std::function<void(Answer)> done) override;
  log::Result<void> keep(const registry::SchemaKey& key, const registry::SchemaId& id) override;

 private:
  std::optional<RegistrySettings> settings_;
  boost::asio::io_context& io_;
  Background& background_;
};

struct RealPorts {
  // All of them outlive it and what its ports made.
  RealPorts(boost::asio::io_context& io, const ForwarderOptions& options, const log::Log& log,
            log::Clock& clock);
  Ports ports();

  Background background;  // ends last: clients end in it
  AsioScheduler scheduler;
  RdkafkaFactory clients;
  RegistrySchemas schemas;
  RelayFactory relays;
  const ForwarderOptions& options;
  const log::Log& log;
  log::Clock& clock;
};

}  // namespace weather::bridge
