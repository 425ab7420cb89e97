// The clients of routes to another gateway, over HTTP. io thread.
#pragma once

#include <memory>
#include <string>

#include "bridge/core/ports.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::bridge {

class RelayFactory final : public ClientFactory {
 public:
  // Both outlive it and what it makes.
  RelayFactory(boost::asio::io_context& io, Scheduler& scheduler) : io_(io), scheduler_(scheduler) {}
  Properties settings(const Properties& own, Profile, Delivery) override { return own; }
  std::string login_hint(const Properties&) override { return {}; }
  // As core/relay_settings.hpp names them.
  std::unique_ptr<KafkaClient> make(const Properties& properties, KafkaEvents& events) override;
  std::unique_ptr<FileChanges> watch_certificates(const Properties& properties) override;

 private:
  boost::asio::io_context& io_;
  Scheduler& scheduler_;
};

}  // namespace weather::bridge
