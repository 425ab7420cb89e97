// Whatever hostile clients do, in whatever mix: what the listener has allocated is no more than what the
// budget says it holds, that is never above the limit, and all of it is given back when they are gone. Real
// hub, connections and sessions over a transport without sockets; allocations are counted by operator new
// itself.
#include <memory>
#include <random>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "sensors/listener/connection.hpp"
#include "sensors/listener/hub.hpp"
#include "tests/unit/counted_memory.hpp"
#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

using testing_memory::allocated;

constexpr std::size_t limit = 2U << 20;
constexpr std::size_t connection_bytes = 8U << 10;
// Of the test itself, and of connections that are closed while a read is under way.
constexpr std::size_t slack = 64U << 10;

class CountingSink final : public Sink {
 public:
  Result<Ticket> accept(const Message&, const Decoder&, Waits) override { return ++stored; }
  Result<Ticket> store(std::vector<Reading>, Waits) override { return ++stored; }
  Result<void> wait(Ticket, std::chrono::milliseconds) override { return {}; }
  Ticket durable() const override { return stored; }
  void on_durable(std::function<void(Ticket)>) override {}
  std::uint64_t stored = 0;
};

// One client's end of a connection.
struct Line {
  char* into = nullptr;
  std::size_t size = 0;
  std::shared_ptr<TransportUser> reader, writer;
  bool reads = true, closed = false;
};

class LineTransport final : public Transport {
 public:
  explicit LineTransport(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  void start(std::shared_ptr<TransportUser>) override {}
  void read(char* into, std::size_t size, std::shared_ptr<TransportUser> user) override {
    line_->into = into;
    line_->size = size;
    line_->reader = std::move(user);
  }
  std::size_t write_some(std::string_view bytes) override { return line_->reads ? bytes.size() : 0; }
  void write(std::string_view, std::shared_ptr<TransportUser> user) override {
    line_->writer = std::move(user);
  }
  void finish() override {}
  void close() override { line_->closed = true; }

 private:
  std::shared_ptr<Line> line_;
};

struct Attacker {
  std::shared_ptr<Line> line;
  std::shared_ptr<MqttConnection> connection;
  std::string unsent;
  bool five = false;
};

class Siege {
 public:
  explicit Siege(unsigned seed) : random_(seed) {}

  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  void step() {
    switch (pick(12)) {
      case 0:
      case 1:
        arrive();
        break;
      case 2:
        if (auto* one = any()) one->line->reads = !one->line->reads;
        break;
      case 3:
        if (auto* one = any(); one != nullptr && one->line->reader) hang_up(*one);
        break;
      case 4:
        hub.on_durable(sink.stored, 0);
        break;
      case 5:
        for (auto& one : attackers_) one.connection->on_time(std::chrono::steady_clock::now());
        break;
      case 6:
        if (pick(2) == 0) (void)others_.resize(static_cast<std::size_t>(pick(static_cast<int>(limit / 2))));
        break;
      default:
        if (auto* one = any()) attack(*one);
    }
    pump();
  }

  void end() {
    others_.release();
    for (auto& one : attackers_) {
      one.unsent.clear();
      one.connection->close();
    }
    pump();
    hub.clients().on_time(std::chrono::steady_clock::now() + std::chrono::hours(24 * 8));
  }

  std::string holders() const {
    std::string text;
    for (std::size_t i = 0; i < holder_count; ++i) {
      const auto holder = static_cast<Holder>(i);
      text += ", " + std::string(to_string(holder)) + " " + std::to_string(memory.use(holder).used);
    }
    return text + ", attackers " + std::to_string(unsent_);
  }
  std::size_t held() const { return memory.used() - others_.bytes(); }

  MemoryBudget memory{limit};
  CountingSink sink;

 private:
  boost::asio::io_context io_;

 public:
  Hub hub{io_.get_executor(),
          {.topics = {"weather/#"},
           .limits = {.max_clients = 150,
                      .max_held = 200,
                      .max_held_in_all = 2000,
                      .hold_at_least = std::chrono::milliseconds(0)},
           .max_connections = 60,
           .max_connecting = 20,
           .memory = &memory},
          Users(),
          sink,
          [](const Message&) { return Decoded(); },
          [](std::string_view text) -> std::uint64_t { return std::hash<std::string_view>{}(text); },
          nullptr};

 private:
  void arrive() {
    Attacker one;
    one.line = std::make_shared<Line>();
    one.line->reads = pick(3) != 0;
    one.five = pick(2) == 0;
    one.connection = std::make_shared<MqttConnection>(hub, std::make_unique<LineTransport>(one.line),
                                                      "127.0.0." + std::to_string(pick(4)));
    if (!one.connection->admit(connection_bytes)) return;
    attackers_.push_back(one);
    one.connection->on_ready(true, {});
    const int will = pick(4);
    if (pick(8) != 0)
      attackers_.back().unsent =
          connect({.level = one.five ? 5 : 4,
                   .clean = pick(3) == 0,
                   .client_id = "c" + std::to_string(pick(400)),
                   .keep_alive_s = 0,
                   .properties_list = one.five ? bytes({0x11}) + four(100'000) : std::string(),
                   .will_topic = will == 0 ? std::optional<std::string>("weather/x") : std::nullopt,
                   .will_payload = std::string(static_cast<std::size_t>(pick(60'000)), 'w'),
                   .will_properties_list = bytes({0x18}) + four(100'000)});
  }

  Attacker* any() {
    return attackers_.empty()
               ? nullptr
               : &attackers_[static_cast<std::size_t>(pick(static_cast<int>(attackers_.size())))];
  }

  void hang_up(Attacker& one) {
    one.unsent.clear();
    std::exchange(one.line->reader, nullptr)->on_read(false, 0);
  }

  void attack(Attacker& one) {
    if (one.unsent.size() > 400'000) return;
    std::string& out = one.unsent;
    const auto list = one.five ? std::optional<std::string>("") : std::nullopt;
    switch (pick(8)) {
      case 0:
        for (int i = 0; i < 20'000; ++i) out += pingreq();
        break;
      case 1: {  // one SUBSCRIBE, as many filters as fit
        std::string body = two(1) + (one.five ? bytes({0}) : std::string());
        for (int i = 0; i < 20'000; ++i) body += text("a") + bytes({0});
        out += packet(0x82, body);
        break;
      }
      case 2:  // a PUBLISH that never comes to its end
        out += publish({.id = 1, .payload = std::string(120'000, 'x'), .properties_list = list})
                   .substr(0, static_cast<std::size_t>(1'000 + pick(119'000)));
        break;
      case 3:
        for (int i = 0; i < 300; ++i)
          out += publish({.qos = 2,
                          .id = 1 + pick(60'000),
                          .topic = pick(2) == 0 ? "weather/a" : "other",
                          .properties_list = list});
        break;
      case 4:
        for (int i = 0; i < 2'000; ++i) out += publish({.id = 1 + i, .properties_list = list});
        break;
      case 5:
        for (int i = 0; i < 2'000; ++i) out += pubrel(1 + pick(60'000));
        break;
      case 6:
        if (one.five)
          for (int i = 1; i <= 16; ++i)
            out += publish(
                {.qos = 0, .topic = std::string(500, 't'), .properties_list = bytes({0x23}) + two(i)});
        break;
      default:
        for (int i = 0; i < 3'000; ++i) out += packet(0x50, two(1 + i));  // PUBREC
    }
  }

  // What lies ready is read and written; closed connections are told so.
  void pump() {
    for (bool again = true; again;) {
      again = false;
      for (std::size_t i = 0; i < attackers_.size(); ++i) {
        Attacker one = attackers_[i];
        Line& line = *one.line;
        if (line.closed) {
          if (line.writer) std::exchange(line.writer, nullptr)->on_written(false);
          if (line.reader) std::exchange(line.reader, nullptr)->on_read(false, 0);
          continue;
        }
        if (line.writer && line.reads) {
          std::exchange(line.writer, nullptr)->on_written(true);
          again = true;
        }
        std::string& unsent = attackers_[i].unsent;
        if (!line.reader || unsent.empty()) continue;
        const auto count = std::min(line.size, unsent.size());
        unsent.copy(line.into, count);
        unsent.erase(0, count);
        std::exchange(line.reader, nullptr)->on_read(true, count);
        again = true;
      }
      std::erase_if(attackers_, [](const Attacker& one) {
        return one.line->closed && !one.line->reader && !one.line->writer;
      });
    }
    unsent_ = 0;
    for (auto& one : attackers_)
      if (one.unsent.capacity() > 15) unsent_ += malloc_usable_size(one.unsent.data());
    unsent_ += attackers_.capacity() * sizeof(Attacker);
  }

  std::mt19937 random_;
  std::vector<Attacker> attackers_;
  Reservation others_{&memory, Holder::kafka_window};

 public:
  std::size_t unsent_ = 0;  // what the attackers themselves hold
};

TEST(ListenerMemory, WhateverHostileClientsDoNoMoreIsAllocatedThanTheBudgetSays) {
  std::uint64_t refused = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const std::size_t before = allocated;
    {
      Siege siege(seed);
      const std::size_t empty = allocated;
      for (int step = 0; step < 600; ++step) {
        siege.step();
        ASSERT_LE(siege.memory.used(), limit);
        const auto real = allocated - empty;
        ASSERT_LE(real, siege.held() + siege.unsent_ + slack)
            << "seed " << seed << " step " << step << siege.holders();
      }
      for (std::size_t i = 0; i < holder_count; ++i)
        refused += siege.memory.use(static_cast<Holder>(i)).refused;
      siege.end();
      EXPECT_EQ(siege.hub.clients().size(), 0U) << "seed " << seed;
      EXPECT_EQ(siege.memory.used(), 0U) << "seed " << seed;
      EXPECT_EQ(siege.hub.connecting(), 0U);
    }
    EXPECT_LE(allocated, before + slack);
  }
  EXPECT_GT(refused, 0U);  // else the limit was never reached and nothing was shown
}

}  // namespace
}  // namespace weather::sensors::listener
