#include "tests/sim/machine.hpp"

#include <algorithm>
#include <stdexcept>

#include "bridge/kafka/settings.hpp"
#include "tests/sim/model_client.hpp"
#include "tests/sim/pumped_log.hpp"

namespace weather::sim {
namespace {

constexpr int library_version = 0x020002ff;  // Debian 12's librdkafka

class Certificates final : public bridge::FileChanges {
 public:
  explicit Certificates(const Machine& machine) : machine_(machine), seen_(machine.certificates) {}
  bool any_watched() const override { return true; }
  bool changed() override { return std::exchange(seen_, machine_.certificates) != machine_.certificates; }

 private:
  const Machine& machine_;
  std::uint64_t seen_;
};

}  // namespace

bridge::Scheduler::TimerId LoopScheduler::after(std::chrono::milliseconds time, std::function<void()> call) {
  const auto id = ++last_;
  timers_[id] = loop_.after(time, [this, id, call = std::move(call)] {
    timers_.erase(id);
    const auto due = call;  // which may be the end of whoever made it
    due();
  });
  return id;
}

void LoopScheduler::cancel(TimerId timer) {
  const auto found = timers_.find(timer);
  if (found == timers_.end()) return;
  loop_.cancel(found->second);
  timers_.erase(found);
}

bridge::Properties ModelFactory::settings(const bridge::Properties& own, bridge::Profile profile,
                                          bridge::Delivery delivery) {
  return bridge::forwarder_properties(own, profile, delivery, library_version);
}

std::unique_ptr<bridge::KafkaClient> ModelFactory::make(const bridge::Properties& properties,
                                                        bridge::KafkaEvents& events) {
  if (!machine_.certificates_good) throw std::runtime_error("ssl.certificate.location: no start line");
  const auto is = [&properties](const char* name, const char* value) {
    const auto found = properties.find(name);
    return found != properties.end() && (!value || found->second == value);
  };
  if (is("transactional.id", nullptr) && !is("enable.idempotence", "true"))
    throw std::runtime_error("`transactional.id` requires `enable.idempotence=true`");
  return std::make_unique<ModelClient>(machine_, properties, events);
}

std::unique_ptr<bridge::FileChanges> ModelFactory::watch_certificates(const bridge::Properties&) {
  return std::make_unique<Certificates>(machine_);
}

// The cache is a file of its own in truth; here it lives as long as the machine.
std::optional<registry::SchemaId> ModelSchemas::known(const registry::SchemaKey& key) {
  return registry::SchemaCache("/schemas", *machine_.files).find(key);
}

void ModelSchemas::ask(const registry::SchemaKey&, std::function<void(Answer)> done) {
  machine_.loop.after(machine_.network.delay(), [this, done = std::move(done)] {
    if (machine_.registry_id == 0) return done(tl::unexpected(std::string("Connection refused")));
    done(registry::SchemaId{machine_.registry_id});
  });
}

log::Result<void> ModelSchemas::keep(const registry::SchemaKey& key, const registry::SchemaId& id) {
  return registry::SchemaCache("/schemas", *machine_.files).store(key, id);
}

Machine::Machine(std::uint64_t seed, int nodes)
    : random(log::test::derive(seed, 11)),
      network(loop, log::test::derive(seed, 12)),
      scheduler(loop, log::test::derive(seed, 15)) {
  broker.nodes = nodes;
  network.nodes.resize(static_cast<std::size_t>(nodes));
}

bridge::Ports Machine::ports() {
  return {scheduler, clients, schemas, [this](bool make) { return open_letters(make); }};
}

log::Result<std::unique_ptr<bridge::DeadLetters>> Machine::open_letters(bool make) {
  const auto there = files->list("/letters");
  if (!make && there && there->empty()) return log::fail(log::Errc::not_found);
  log::Options options;
  options.dir = "/letters";
  options.segment_bytes = 64U << 10U;
  options.max_bytes = 16U << 20U;
  options.on_full = log::OnFull::drop_oldest;
  options.cursors = {"open"};
  options.random_seed = random.next() | 1U;
  auto opened = log::open_manual(options, *files, clock);
  if (!opened) return log::fail(opened.error());
  return bridge::DeadLetters::over(std::make_unique<PumpedLog>(std::move(*opened), logs));
}

void Machine::pump_logs() {
  for (std::size_t i = 0; i < logs.size(); ++i) logs[i]->pump();
}

}  // namespace weather::sim
