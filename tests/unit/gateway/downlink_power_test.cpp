// The receiver over kills and power cuts at every step, on a disk that loses what was not synced.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/downlink/receiver.hpp"
#include "gateway/downlink/state_file.hpp"
#include "tests/unit/gateway/downlink_messages.hpp"
#include "tests/unit/gateway/lives.hpp"

namespace weather::gateway::downlink {
namespace {

constexpr const char* path = "/data/downlink.json";
constexpr std::chrono::minutes confirm_within{10};

// The process is gone, here and now.
struct Gone {};

// A centre that says this and that, a gateway, and Kafka, which takes nothing of a configuration that is
// "bad".
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), seed_(seed), cards_(empty_card(8U << 20, seed)) {
    open();
  }

  void step() {
    try {
      switch (random_.below(8)) {
        case 0:
          say();
          break;
        case 1:
          crash_in_ = static_cast<int>(random_.below(12));
          break;
        case 2:
          boot_ms_ += static_cast<std::int64_t>(random_.below(400'000));
          break;
        case 3:
          if (random_.one_in(4)) throw Gone();
          break;
        case 4:
          report();
          break;
        case 5:
          end_running();
          break;
        default:
          run();
      }
    } catch (const Gone&) {
      restart();
    }
    check();
  }

  // Nothing goes wrong any more: everything must get through.
  void settle() {
    crash_in_ = -1;
    for (int i = 0; i < 3000; ++i) {
      boot_ms_ += 30'000;
      run();
      end_running();
      report();
      check();
      if (read_ == topic_.size() && !receiver_->state().trial && receiver_->state().notes.empty()) break;
    }
    EXPECT_EQ(read_, topic_.size()) << "seed " << seed_;
    EXPECT_TRUE(receiver_->state().notes.empty()) << "seed " << seed_;
    for (const auto& [key, message] : newest_) {
      const auto reported = reported_.find(key);
      ASSERT_NE(reported, reported_.end()) << key << " was never told of, seed " << seed_;
      EXPECT_EQ(reported->second.of.serial, message.serial) << key << ", seed " << seed_;
      const auto& event = reported->second.event;
      const std::set<std::string> ends = message.name.empty()
                                             ? std::set<std::string>{"done", "failed"}
                                             : std::set<std::string>{"committed", "reverted"};
      EXPECT_TRUE(ends.contains(event)) << event << ", seed " << seed_;
      const auto held = receiver_->state().drop_ins.find(message.name);
      const bool there = held != receiver_->state().drop_ins.end();
      if (event == "committed") {
        EXPECT_EQ(there ? held->second : "", message.toml) << key << ", seed " << seed_;
        EXPECT_EQ(message.toml.find("bad"), std::string::npos) << "seed " << seed_;
      }
      if (event == "done") {
        EXPECT_EQ(acted_[message.serial], 1) << "seed " << seed_;
      }
    }
    EXPECT_EQ(in_force_, receiver_->state().drop_ins) << "seed " << seed_;
  }

  std::uint64_t deaths() const { return deaths_; }

 private:
  void open() {
    const auto state = read_state(*cards_, path);
    ASSERT_TRUE(state) << state.error() << ", seed " << seed_;
    in_force_ = state->drop_ins;  // the configuration is read before
    running_.clear();
    receiver_ = std::make_unique<Receiver>(settings_of_roof(), confirm_within, *state, ports());
    if (receiver_->took_back_at_start()) in_force_ = receiver_->state().drop_ins;
    read_ = static_cast<std::size_t>(receiver_->state().next_offset);
  }

  void restart() {
    ++deaths_;
    receiver_.reset();
    crash_in_ = -1;
    const bool power = random_.one_in(2);
    auto disk = cut_ ? std::move(*cut_) : cards_->disk();
    cut_.reset();
    if (power) disk = disk.after_power_cut(static_cast<Cut>(random_.below(log::test::cut_kinds)), random_);
    cards_ = std::make_unique<SimFiles>(std::move(disk), random_.next());
    if (power) ++boot_id_, boot_ms_ = 1000;
    open();
  }

  Ports ports() {
    Ports ports;
    ports.now = [this] { return Now{{sent_s + 10, true}, {boot_id_, boot_ms_}}; };
    ports.keep = [this](const State& state) {
      // Before one of the changes that the disk sees, or after the last.
      const bool dies = crash_in_ >= 0 && crash_in_ < 8;
      if (dies)
        cards_->watch([this, left = crash_in_](const Disk& disk) mutable {
          if (left-- == 0) cut_ = disk;
        });
      auto error = write_state(*cards_, path, state);
      cards_->watch({});
      if (dies) throw Gone();
      if (crash_in_ >= 8) --crash_in_;
      return error;
    };
    ports.fault = [](const DropIns&) { return std::string(); };
    ports.reload = [this] {
      if (crash_in_ >= 8 && random_.one_in(3)) throw Gone();
      in_force_ = read_state(*cards_, path)->drop_ins;
      return std::string();
    };
    ports.footing = [this] { return Footing{true, {{"kafka", reaches(), false, 0, 0}}}; };
    ports.act = [this](const Message& message, std::function<void(const std::string&)> ended) {
      if (crash_in_ >= 8 && random_.one_in(3)) throw Gone();
      EXPECT_EQ(++acted_[message.serial], 1) << "serial " << message.serial << " twice, seed " << seed_;
      running_.push_back(std::move(ended));
    };
    ports.report = [](const std::string&) {};
    return ports;
  }

  bool reaches() const {
    return std::none_of(in_force_.begin(), in_force_.end(),
                        [](const auto& one) { return one.second.find("bad") != std::string::npos; });
  }

  void say() {
    static constexpr std::array kinds{Kind::config_set, Kind::config_set, Kind::config_remove, Kind::replay,
                                      Kind::reload};
    auto message = message_of(kinds.at(random_.below(kinds.size())), topic_.size() + 1);
    if (!message.name.empty()) message.name = random_.one_in(2) ? "a" : "b";
    if (message.kind == Kind::config_set)
      message.toml = (random_.one_in(3) ? "# bad " : "# good ") + std::to_string(message.serial);
    newest_[record_key(message)] = message;
    topic_.push_back(sealed_by_centre(message));
  }

  void run() {
    receiver_->look();
    while (read_ < topic_.size() && receiver_->ready()) {
      if (!receiver_->take(topic_[read_], static_cast<std::int64_t>(read_))) return;
      ++read_;
      // Whatever else comes along is no harm.
      if (random_.one_in(4) && !receiver_->state().trial) {
        const auto again = random_.one_in(2) ? std::string("x") : topic_[random_.below(read_)];
        EXPECT_TRUE(receiver_->take(again, static_cast<std::int64_t>(read_) - 1));
        EXPECT_FALSE(receiver_->state().trial) << "seed " << seed_;
      }
    }
  }

  void end_running() {
    for (const auto& ended : std::exchange(running_, {}))
      ended(random_.one_in(5) ? "it did not go well" : "");
  }

  void report() {
    if (!reaches()) return;
    const auto waiting = receiver_->state().notes.size();
    for (std::size_t i = 0; i < waiting; ++i) {
      const auto note = receiver_->next_note();
      if (!note) return;
      reported_[note->of.to + "/" + note->of.subject] = *note;
      receiver_->reported(*note);
    }
  }

  // Nothing is in force but what the file says, and without a trial nothing with which Kafka cannot be
  // reached.
  void check() {
    EXPECT_EQ(in_force_, receiver_->state().drop_ins) << "seed " << seed_;
    EXPECT_TRUE(receiver_->state().trial || reaches()) << "seed " << seed_;
  }

  log::test::Random random_;
  const std::uint64_t seed_;
  std::unique_ptr<SimFiles> cards_;
  std::unique_ptr<Receiver> receiver_;
  std::vector<std::string> topic_;
  std::size_t read_ = 0;
  DropIns in_force_;
  std::map<std::uint64_t, int> acted_;  // by serial
  std::vector<std::function<void(const std::string&)>> running_;
  std::map<std::string, Message> newest_;  // by record key
  std::map<std::string, Note> reported_;   // the same
  int crash_in_ =
      -1;  // below 8: at that change of the next write; from there on: one write later, or in between
  std::optional<Disk> cut_;
  std::uint64_t boot_id_ = 1, deaths_ = 0;
  std::int64_t boot_ms_ = 1000;
};

TEST(DownlinkPower, nothing_is_done_twice_and_nothing_unconfirmed_stays_whenever_it_is_killed) {
  each_life<World>(log::test::run_size(400, 20'000), [](World& world) {
    for (int i = 0; i < 150 && !testing::Test::HasFailure(); ++i) world.step();
    if (!testing::Test::HasFailure()) world.settle();
    return world.deaths();
  });
}

}  // namespace
}  // namespace weather::gateway::downlink
