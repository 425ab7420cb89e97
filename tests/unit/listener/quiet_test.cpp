// Whatever clients did: once they are silent, the gateway writes nothing by itself. And over restarts, what
// the keeper and the end of the log tell is neither less nor more than what was held.
#include <map>
#include <random>
#include <set>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "sensors/listener/connection.hpp"
#include "sensors/listener/hub.hpp"
#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

constexpr auto name = "listener";

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

// Keeps every step, durable at once, and answers as the specification of ExchangeKeeper says.
class MemoryKeeper final : public ExchangeKeeper {
 public:
  Step released(std::string_view, std::string_view client, std::uint16_t packet_id,
                std::uint64_t record) override {
    auto& over = over_[{std::string(client), packet_id}];
    over = std::max(over, record);
    const auto found = held_.find({std::string(client), packet_id});
    if (found != held_.end() && found->second.record <= record) held_.erase(found);
    return ++steps;
  }
  Step ended(std::string_view, std::string_view client, std::uint64_t record) override {
    auto& over = ended_[std::string(client)];
    over = std::max(over, record);
    std::erase_if(held_,
                  [&](const auto& one) { return one.first.first == client && one.second.record <= record; });
    return ++steps;
  }
  Step held(std::string_view, std::span<const HeldIdentifier> held, std::uint64_t upto) override {
    for (const auto& one : held) held_[{one.client, one.packet_id}] = one;
    upto_ = std::max(upto_, upto);
    return ++steps;
  }
  void needs_from(std::string_view, std::uint64_t record) override {
    ++needs;
    needed = record;
  }
  KnownExchanges known(std::string_view) override {
    KnownExchanges result{upto_, {}, {}};
    for (const auto& [key, one] : held_) result.held.push_back(one);
    result.is_over = [over = over_, ended = ended_](std::string_view client, std::uint16_t packet_id,
                                                    std::uint64_t record) {
      const auto one = over.find({std::string(client), packet_id});
      const auto all = ended.find(std::string(client));
      return (one != over.end() && record <= one->second) || (all != ended.end() && record <= all->second);
    };
    return result;
  }
  Step durable() const override { return steps; }
  void on_durable(std::function<void(Step)>) override {}

  Step steps = 0;
  std::uint64_t needs = 0, needed = 0;

 private:
  std::map<std::pair<std::string, std::uint16_t>, HeldIdentifier> held_;
  std::map<std::pair<std::string, std::uint16_t>, std::uint64_t> over_;
  std::map<std::string, std::uint64_t> ended_;
  std::uint64_t upto_ = 0;
};

class MemorySink final : public Sink {
 public:
  Result<Ticket> accept(const Message& message, const Decoder&, Waits) override {
    v1::Arrival arrival;
    arrival.set_source(name);
    arrival.set_client(std::string(message.client));
    arrival.set_packet_id(message.packet_id);
    arrival.set_payload_hash(hash_of(message.payload));
    if (message.exactly_once) arrival.set_exchange(v1::EXCHANGE_PUBLISHED);
    records.push_back(arrival);
    return records.size();
  }
  Result<Ticket> store(std::vector<Reading>, Waits) override {
    records.emplace_back();
    return records.size();
  }
  Result<void> wait(Ticket, std::chrono::milliseconds) override { return {}; }
  Ticket durable() const override { return records.size(); }
  void on_durable(std::function<void(Ticket)>) override {}

  std::vector<v1::Arrival> records;
};

struct HubWorld final : Outside {
  explicit HubWorld(Hub& hub) : hub_(hub) {}
  tl::expected<Ticket, std::error_code> store(const Publication& publication) override {
    return hub_.store(publication);
  }
  ExchangeKeeper::Step released(std::string_view client_id, std::uint16_t packet_id,
                                std::uint64_t record) override {
    return hub_.released(client_id, packet_id, record);
  }
  bool collects(std::string_view topic) override { return hub_.collects(topic); }
  std::optional<Login> login(const Credentials&) override { return Login{}; }
  std::string random_client_id() override { return "auto"; }
  void taken_over() override {}
  std::uint64_t payload_hash(std::string_view payload) override { return hash_of(payload); }

 private:
  Hub& hub_;
};

// One life of the gateway after another over one log and one keeper.
class Lives {
 public:
  Lives() { start(); }
  void start() {
    for (auto& session : sessions) session.reset();
    hub = std::make_unique<Hub>(
        io_.get_executor(), options_, Users(), sink, [](const Message&) { return Decoded(); }, hash_of,
        &keeper);
    world_ = std::make_unique<HubWorld>(*hub);
    hub->restore();
    for (auto record = hub->restore_from(sink.records.size()); record <= sink.records.size(); ++record)
      hub->restore(sink.records[record - 1], record);
  }
  static std::string id(int who) { return "client" + std::to_string(who); }
  void send(int who, const std::string& bytes) {
    auto& session = sessions[static_cast<std::size_t>(who)];
    if (!session || session->ended()) {
      session = std::make_unique<Session>(hub->options().limits, hub->clients(), *world_, now);
    }
    (void)session->on_bytes(bytes, now);
    settle();
    session->output().clear();
  }
  void settle() {
    hub->on_durable(sink.durable(), keeper.durable());
    for (auto& session : sessions) {
      if (!session) continue;
      session->on_durable(hub->durable());
      session->on_kept(hub->kept());
    }
  }
  void tick(std::chrono::milliseconds by) {
    now += by;
    for (auto& session : sessions)
      if (session) session->on_time(now);
    hub->clients().on_time(now);
    hub->keep_held();
    settle();
  }

  MemoryKeeper keeper;
  MemorySink sink;
  TimePoint now = std::chrono::steady_clock::now();
  std::unique_ptr<Hub> hub;
  std::array<std::unique_ptr<Session>, 4> sessions;

 private:
  boost::asio::io_context io_;
  ListenerOptions options_{
      .name = name, .topics = {"weather/#"}, .limits = {.max_held = 20, .max_held_in_all = 50}};
  std::unique_ptr<HubWorld> world_;
};

TEST(Quiet, AfterAnyTrafficNothingIsWrittenWithoutTraffic) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&random](int below) {
      return static_cast<int>(random() % static_cast<unsigned>(below));
    };
    Lives lives;
    for (int step = 0; step < 300; ++step) {
      const int who = pick(4);
      switch (pick(9)) {
        case 0:
          lives.send(who, connect({.level = 4 + pick(2),
                                   .clean = pick(4) == 0,
                                   .client_id = Lives::id(who),
                                   .will_topic = pick(2) == 0 ? std::optional<std::string>("weather/x")
                                                              : std::nullopt}));
          break;
        case 1:
          if (lives.sessions[static_cast<std::size_t>(who)])
            lives.sessions[static_cast<std::size_t>(who)]->on_network_lost(lives.now);
          break;
        case 2:
          lives.send(who, pubrel(1 + pick(30)));
          break;
        case 3:
          lives.tick(std::chrono::milliseconds(pick(2000)));
          break;
        case 4:
          if (pick(20) == 0) lives.start();
          break;
        default:
          lives.send(who, publish({.qos = pick(3),
                                   .id = 1 + pick(30),
                                   .topic = pick(5) == 0 ? "other" : "weather/a",
                                   .payload = std::to_string(step)}));
      }
    }
    for (auto& session : lives.sessions)
      if (session) session->on_network_lost(lives.now);
    lives.settle();
    for (int i = 0; i < 4; ++i) lives.tick(std::chrono::milliseconds(250));
    const auto records = lives.sink.records.size();
    const auto steps = lives.keeper.steps;
    const auto needs = lives.keeper.needs;
    for (int i = 0; i < 200; ++i) lives.tick(std::chrono::milliseconds(250));
    EXPECT_EQ(lives.sink.records.size(), records) << "seed " << seed;
    EXPECT_EQ(lives.keeper.steps, steps) << "seed " << seed;
    EXPECT_EQ(lives.keeper.needs, needs) << "seed " << seed;
  }
}

// A client that does as MQTT says, over kills at any moment: each publication is stored once.
TEST(Quiet, OverRestartsEachPublicationIsStoredOnce) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&random](int below) {
      return static_cast<int>(random() % static_cast<unsigned>(below));
    };
    Lives lives;
    std::map<int, std::string>
        in_flight;                      // identifier, payload; the client has no PUBREC or has not released
    std::map<std::uint64_t, int> sent;  // hash of payload: how often it should be there
    const auto arrive = [&] { lives.send(0, connect({.clean = false, .client_id = Lives::id(0)})); };
    arrive();
    for (int step = 0; step < 400; ++step) {
      const int id = 1 + pick(15);
      switch (pick(6)) {
        case 0:
          lives.tick(std::chrono::milliseconds(250));
          break;
        case 1:
          if (pick(5) != 0) break;
          lives.start();
          arrive();
          for (const auto& [again, payload] : in_flight)
            if (pick(2) == 0)
              lives.send(
                  0,
                  publish(
                      {.qos = 2, .id = again, .duplicate = true, .topic = "weather/a", .payload = payload}));
          break;
        case 2:
          if (in_flight.erase(id) > 0) lives.send(0, pubrel(id));
          break;
        case 3:  // others, so that what is held comes to lie far back
          for (int i = 0; i < 5'000 && pick(10) == 0; ++i) lives.sink.records.emplace_back();
          lives.settle();
          break;
        default: {
          if (in_flight.contains(id)) break;
          // Few payloads: the same bytes under the same identifier are another message.
          const auto payload = std::to_string(pick(3));
          in_flight[id] = payload;
          ++sent[hash_of(payload)];
          lives.send(0, publish({.qos = 2, .id = id, .topic = "weather/a", .payload = payload}));
        }
      }
      // The log may give up what the listener says it does not need.
      for (std::uint64_t record = 1;
           record < std::min<std::uint64_t>(lives.keeper.needed, lives.sink.records.size() + 1); ++record)
        if (lives.sink.records[record - 1].exchange() == v1::EXCHANGE_PUBLISHED && pick(3) == 0 &&
            lives.sink.records[record - 1].source() == name)
          lives.sink.records[record - 1].set_source("reclaimed");
    }
    std::map<std::uint64_t, int> stored;
    for (const auto& record : lives.sink.records)
      if (record.exchange() == v1::EXCHANGE_PUBLISHED) ++stored[record.payload_hash()];
    EXPECT_EQ(stored, sent) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weather::sensors::listener
