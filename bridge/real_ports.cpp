#include "bridge/real_ports.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "bridge/dead_letters/store.hpp"
#include "bridge/kafka/file_watch.hpp"
#include "bridge/kafka/producer.hpp"
#include "bridge/kafka/settings.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"

namespace weather::bridge {

Properties RdkafkaFactory::settings(const Properties& own, Profile profile, Delivery delivery) {
  return forwarder_properties(own, profile, delivery, library_version());
}

std::string RdkafkaFactory::login_hint(const Properties& properties) {
  return bridge::login_hint(properties, library_version());
}

std::unique_ptr<KafkaClient> RdkafkaFactory::make(const Properties& properties, KafkaEvents& events) {
  return std::make_unique<Producer>(io_, properties, events, background_);
}

std::unique_ptr<FileChanges> RdkafkaFactory::watch_certificates(const Properties& properties) {
  return std::make_unique<FileWatch>(certificate_files(properties));
}

std::optional<registry::SchemaId> RegistrySchemas::known(const registry::SchemaKey& key) {
  if (!settings_) return std::nullopt;
  return registry::SchemaCache(settings_->cache_dir, log::posix_files()).find(key);
}

void RegistrySchemas::ask(const registry::SchemaKey& key, std::function<void(Answer)> done) {
  background_.run(
      [ask = settings_->ask, key, done = std::move(done)]() -> Background::Then {
        auto answer = registry::ask_registry(ask, key);
        return [done, answer = std::move(answer)] { done(answer); };
      },
      io_);
}

log::Result<void> RegistrySchemas::keep(const registry::SchemaKey& key, const registry::SchemaId& id) {
  return registry::SchemaCache(settings_->cache_dir, log::posix_files()).store(key, id);
}

RealPorts::RealPorts(boost::asio::io_context& io, const ForwarderOptions& given, const log::Log& from,
                     log::Clock& time)
    : scheduler(io),
      clients(io, background),
      schemas(given.registry, io, background),
      relays(io, scheduler),
      options(given),
      log(from),
      clock(time) {}

Ports RealPorts::ports() {
  const auto letters = [this](bool make) -> log::Result<std::unique_ptr<DeadLetters>> {
    if (!make && !DeadLetters::exists(options.dead_letter_dir)) return log::fail(log::Errc::not_found);
    return DeadLetters::open(
        options.dead_letter_dir, options.dead_letter_max_bytes, log::posix_files(), clock,
        [this] { return log.status().room; }, options.keep_log_format);
  };
  return {scheduler, clients, schemas, letters, &relays};
}

}  // namespace weather::bridge
