#include <boost/asio/io_context.hpp>

#include "bridge/kafka/real_ports.hpp"
#include "bridge/mock_cluster.hpp"
#include "bridge/settings.hpp"
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
  void create_topic(const std::string& topic) override { machine_.broker.make_topic(topic, 1); }
  std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties& properties,
                                            bridge::KafkaEvents& events) override {
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

class RealWorld final : public World {
 public:
  void create_topic(const std::string& topic) override {
    cluster_.create_topic(topic, 1);
    cluster_.set_leader(topic, 0, 1);
  }
  std::unique_ptr<bridge::KafkaClient> make(const bridge::Properties& properties,
                                            bridge::KafkaEvents& events) override {
    auto with = properties;
    with["bootstrap.servers"] = cluster_.bootstrap_servers();
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
  void refuse_next(int code) override { cluster_.fail_produce({code}); }
  void refuse_late(int code, milliseconds after) override {
    cluster_.fail_produce_late(1, code, static_cast<int>(after.count()));
  }
  void set_round_trip(milliseconds time) override {
    cluster_.set_round_trip_ms(static_cast<int>(time.count()));
  }
  void set_line(bool up) override { cluster_.set_link_up(up); }
  void lead_from_node_2(const std::string& topic) override { cluster_.set_leader(topic, 0, 2); }
  std::vector<std::string> stored(const std::string& topic, std::size_t at_least) override {
    std::vector<std::string> ids;
    for (const auto& record : bridge::read_topic(cluster_.bootstrap_servers(), topic, at_least))
      ids.push_back(record.id);
    return ids;
  }

 private:
  bridge::MockCluster cluster_{2};
  boost::asio::io_context io_;
  bridge::Background background_;
  bridge::RdkafkaFactory clients_{io_, background_};
};

}  // namespace

std::unique_ptr<World> model_world() {
  return std::make_unique<ModelWorld>();
}
std::unique_ptr<World> real_world() {
  return std::make_unique<RealWorld>();
}

}  // namespace weather::sim
