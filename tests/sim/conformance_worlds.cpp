#include <cstdlib>
#include <stdexcept>

#include <boost/asio/io_context.hpp>

#include "bridge/kafka/mock_cluster.hpp"
#include "bridge/kafka/settings.hpp"
#include "bridge/real_ports.hpp"
#include "tests/sim/conformance_world.hpp"
#include "tests/sim/machine.hpp"
#include "tests/unit/bridge/topic_reader.hpp"

namespace weather::sim {
namespace {

using std::chrono::milliseconds;

class ModelWorld final : public World {
 public:
  ModelWorld() {
    machine_.may_not_send = [] { return false; };
  }
  void create_topic(const std::string& topic, const TopicLimits& limits) override {
    machine_.broker.make_topic(topic, 1);
    auto& rules = machine_.broker.topic(topic).rules;
    if (limits.max_message_bytes != 0) rules.max_bytes = limits.max_message_bytes;
    rules.before_max_ms = limits.before_max_ms;
  }
  std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties& properties,
                                            bridge::KafkaEvents& events) override {
    const auto timeout = bridge::number(properties, "transaction.timeout.ms");
    if (timeout) machine_.broker.transaction_timeout = milliseconds(*timeout);
    return machine_.clients.make(properties, events);
  }
  bool run_until(const std::function<bool()>& condition, milliseconds limit) override {
    const auto end = machine_.loop.now() + Duration(limit).count();
    while (!condition() && machine_.loop.step(end)) {
    }
    return condition();
  }
  void refuse_next(int code) override { machine_.broker.next_answers.push_back(code); }
  void refuse_late(int code, milliseconds after) override {
    refuse_next(code);
    machine_.network.hang(0);
    machine_.loop.after(after, [this] { machine_.network.wake(0); });
  }
  void set_round_trip(milliseconds time) override {
    machine_.network.shortest = machine_.network.longest = time / 2;
  }
  void set_line(bool up) override { machine_.network.set_up(up); }
  void lead_from_node_2(const std::string& topic) override {
    machine_.broker.topic(topic).partitions.at(0).leader = 1;
  }
  std::vector<std::string> stored(const std::string& topic, std::size_t) override {
    std::vector<std::string> ids;
    for (const auto& stored : machine_.broker.topic(topic).partitions.at(0).log)
      if (stored.committed() && !stored.record->id.empty()) ids.push_back(stored.record->id);
    return ids;
  }

 private:
  Machine machine_{1, 2};
};

class RealWorld : public World {
 public:
  std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties& properties,
                                            bridge::KafkaEvents& events) override {
    auto with = properties;
    with["bootstrap.servers"] = bootstrap_servers();
    return clients_.make(with, events);
  }
  bool run_until(const std::function<bool()>& condition, milliseconds limit) override {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_for(milliseconds(5));
    }
    return condition();
  }
  std::vector<std::string> stored(const std::string& topic, std::size_t at_least) override {
    std::vector<std::string> ids;
    for (const auto& record : bridge::read_topic(bootstrap_servers(), topic, at_least))
      ids.push_back(record.id);
    return ids;
  }

 protected:
  virtual std::string bootstrap_servers() const = 0;

 private:
  boost::asio::io_context io_;
  bridge::Background background_;
  bridge::RdkafkaFactory clients_{io_, background_};
};

class MockWorld final : public RealWorld {
 public:
  void create_topic(const std::string& topic, const TopicLimits&) override {
    cluster_.create_topic(topic, 1);
    cluster_.set_leader(topic, 0, 1);
  }
  void refuse_next(int code) override { cluster_.fail_produce({code}); }
  void refuse_late(int code, milliseconds after) override {
    cluster_.fail_produce_late(1, code, static_cast<int>(after.count()));
  }
  void set_round_trip(milliseconds time) override {
    cluster_.set_round_trip_ms(static_cast<int>(time.count()));
  }
  void set_line(bool up) override { cluster_.set_link_up(up); }
  void lead_from_node_2(const std::string& topic) override { cluster_.set_leader(topic, 0, 2); }

 private:
  std::string bootstrap_servers() const override { return cluster_.bootstrap_servers(); }
  bridge::MockCluster cluster_{2};
};

class KafkaWorld final : public RealWorld {
 public:
  void create_topic(const std::string& topic, const TopicLimits& limits) override {
    bridge::TopicConfig config;
    if (limits.max_message_bytes != 0)
      config.emplace_back("max.message.bytes", std::to_string(limits.max_message_bytes));
    if (limits.before_max_ms != 0)
      config.emplace_back("message.timestamp.before.max.ms", std::to_string(limits.before_max_ms));
    bridge::make_topic(bootstrap_servers(), topic, config);
  }
  void refuse_next(int) override { impossible(); }
  void refuse_late(int, milliseconds) override { impossible(); }
  void set_round_trip(milliseconds) override { impossible(); }
  void set_line(bool) override { impossible(); }
  void lead_from_node_2(const std::string&) override { impossible(); }

 private:
  [[noreturn]] static void impossible() { throw std::logic_error("a real broker cannot be made to fail"); }
  std::string bootstrap_servers() const override { return std::getenv("WEATHER_KAFKA"); }
};

}  // namespace

std::unique_ptr<World> make_world(std::string_view name) {
  if (name == "Model") return std::make_unique<ModelWorld>();
  if (name == "Kafka") return std::make_unique<KafkaWorld>();
  return std::make_unique<MockWorld>();
}

}  // namespace weather::sim
