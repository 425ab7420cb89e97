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
          tell();
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
      tell();
      check();
      if (read_ == topic_.size() && !receiver_->state().trial && receiver_->state().notes.empty()) break;
    }
    EXPECT_EQ(read_, topic_.size()) << "seed " << seed_;
    EXPECT_TRUE(receiver_->state().notes.empty()) << "seed " << seed_;
    for (const auto& [key, message] : newest_) {
      const auto told = told_.find(key);
      ASSERT_NE(told, told_.end()) << key << " was never told of, seed " << seed_;
      EXPECT_EQ(told->second.of.serial, message.serial) << key << ", seed " << seed_;
      const auto& event = told->second.event;
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
    ports.tell = [](const std::string&) {};
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
        EXPECT_TRUE(receiver_->take("x", static_cast<std::int64_t>(read_) - 1));
      }
    }
  }

  void end_running() {
    for (const auto& ended : std::exchange(running_, {}))
      ended(random_.one_in(5) ? "it did not go well" : "");
  }

  void tell() {
    if (!reaches()) return;
    const auto waiting = receiver_->state().notes.size();
    for (std::size_t i = 0; i < waiting; ++i) {
      const auto note = receiver_->next_note();
      if (!note) return;
      told_[note->of.to + "/" + note->of.subject] = *note;
      receiver_->told(*note);
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
  std::map<std::string, Note> told_;       // the same
  int crash_in_ =
      -1;  // below 8: at that change of the next write; from there on: one write later, or in between
  std::optional<Disk> cut_;
  std::uint64_t boot_id_ = 1, deaths_ = 0;
  std::int64_t boot_ms_ = 1000;
};

TEST(DownlinkReceiver, nothing_is_done_twice_and_nothing_unconfirmed_stays_whenever_it_is_killed) {
  each_life<World>(log::test::run_size(400, 20'000), [](World& world) {
    for (int i = 0; i < 150 && !testing::Test::HasFailure(); ++i) world.step();
    if (!testing::Test::HasFailure()) world.settle();
    return world.deaths();
  });
}

// One gateway without crashes, whose ports are plain values.
struct Plain {
  State kept;
  std::string keep_error, fault, reload_error;
  Footing footing{true, {{"kafka", true, false, 0, 5}}};
  Now now{{sent_s + 10, true}, {1, 1000}};
  int reloads = 0;
  std::vector<Message> acts;
  std::vector<std::function<void(const std::string&)>> ends;

  Receiver receiver(State state = {}) {
    return {settings_of_roof(),
            confirm_within,
            std::move(state),
            {[this] { return now; },
             [this](const State& next) {
               if (keep_error.empty()) kept = next;
               return keep_error;
             },
             [this](const DropIns&) { return fault; },
             [this] {
               ++reloads;
               return reload_error;
             },
             [this] { return footing; },
             [this](const Message& message, std::function<void(const std::string&)> ended) {
               acts.push_back(message);
               ends.push_back(std::move(ended));
             },
             [](const std::string&) {}}};
  }
};

std::string drop_in(std::uint64_t serial) {
  return sealed_by_centre(message_of(Kind::config_set, serial));
}

void tell_all(Receiver& receiver) {
  while (const auto note = receiver.next_note()) receiver.told(*note);
}

TEST(DownlinkReceiver, a_drop_in_is_kept_once_kafka_has_taken_a_record_and_every_route_is_there) {
  Plain plain;
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  EXPECT_EQ(plain.reloads, 1);
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "nobody has confirmed anything";
  plain.footing.settled = false;
  tell_all(receiver);
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "the routes are not there yet";
  plain.footing = {true, {{"kafka", false, false, 0, 5}}};
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "the route is not there";
  plain.footing = {true, {{"kafka", true, false, 3, 5}}};
  receiver.look();
  EXPECT_TRUE(receiver.state().trial) << "readings wait and none was confirmed";
  plain.footing = {true, {{"kafka", true, false, 3, 6}}};
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_EQ(receiver.counters().committed, 1U);
  EXPECT_EQ(plain.kept.drop_ins.size(), 1U);
  EXPECT_EQ(plain.reloads, 1);
  EXPECT_EQ(receiver.next_note()->event, "committed");
}

TEST(DownlinkReceiver, a_drop_in_that_is_not_confirmed_in_time_is_taken_back) {
  Plain plain;
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  plain.footing.routes.front().reached = false;
  plain.now.boot.boot_ms += 599'000;
  receiver.look();
  EXPECT_TRUE(receiver.state().trial);
  EXPECT_FALSE(receiver.take(drop_in(2), 1)) << "one after the other";
  plain.now.boot.boot_ms += 1'000;
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_TRUE(plain.kept.drop_ins.empty());
  EXPECT_EQ(plain.reloads, 2);
  EXPECT_NE(receiver.next_note()->reason.find("route kafka does not reach Kafka"), std::string::npos);
  EXPECT_EQ(receiver.counters().reverted, 1U);
}

TEST(DownlinkReceiver, a_route_that_was_not_there_before_does_not_judge) {
  Plain plain;
  plain.footing.routes.push_back({"archive", false, false, 9, 0});
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  tell_all(receiver);
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_EQ(receiver.counters().committed, 1U);
}

TEST(DownlinkReceiver, a_reload_that_fails_ends_the_trial_at_once) {
  Plain plain;
  plain.reload_error = "the port is taken";
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_TRUE(plain.kept.drop_ins.empty());
  EXPECT_EQ(receiver.next_note()->reason, "the port is taken");
}

TEST(DownlinkReceiver, a_trial_that_cannot_be_written_back_is_never_kept) {
  Plain plain;
  auto receiver = plain.receiver();
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  plain.keep_error = "no space";
  receiver.failed("the new settings are of no use");
  receiver.look();
  EXPECT_TRUE(receiver.state().trial);
  plain.keep_error.clear();
  receiver.told(*receiver.next_note());
  receiver.look();
  EXPECT_FALSE(receiver.state().trial);
  EXPECT_EQ(receiver.counters().committed, 0U);
  EXPECT_EQ(receiver.counters().reverted, 1U);
}

TEST(DownlinkReceiver, the_time_of_a_trial_goes_on_over_starts_and_boots) {
  Plain plain;
  auto first = plain.receiver();
  EXPECT_TRUE(first.take(drop_in(1), 0));
  plain.footing.routes.front().reached = false;
  plain.now.boot.boot_ms += 400'000;
  first.look();  // writes what is left
  plain.now.boot = {2, 5'000};
  auto second = plain.receiver(plain.kept);
  EXPECT_FALSE(second.took_back_at_start());
  EXPECT_EQ(second.state().trial->deadline.left(plain.now.boot), 200'000);
  plain.now.boot.boot_ms += 199'000;
  second.look();
  EXPECT_TRUE(second.state().trial);
  plain.now.boot.boot_ms += 1'000;
  second.look();
  EXPECT_FALSE(second.state().trial);
}

TEST(DownlinkReceiver, a_drop_in_under_which_the_program_keeps_ending_is_taken_back_at_a_start) {
  Plain plain;
  EXPECT_TRUE(plain.receiver().take(drop_in(1), 0));
  for (std::uint64_t start = 1; start <= most_starts; ++start)
    EXPECT_FALSE(plain.receiver(plain.kept).took_back_at_start()) << start;
  EXPECT_TRUE(plain.receiver(plain.kept).took_back_at_start());
  EXPECT_TRUE(plain.kept.drop_ins.empty());
  EXPECT_EQ(plain.kept.notes.back().event, "reverted");
}

TEST(DownlinkReceiver, an_action_that_was_begun_before_a_start_is_told_as_failed_and_not_begun_again) {
  Plain plain;
  const auto replay = sealed_by_centre(message_of(Kind::replay, 1));
  EXPECT_TRUE(plain.receiver().take(replay, 0));
  auto receiver = plain.receiver(plain.kept);
  EXPECT_EQ(receiver.next_note()->event, "failed");
  EXPECT_TRUE(receiver.take(replay, 0));
  EXPECT_EQ(plain.acts.size(), 1U);
  EXPECT_EQ(receiver.counters().refused.at(static_cast<std::size_t>(Refusal::replayed)), 1U);
  plain.ends.front()("");  // of a receiver that is gone
}

TEST(DownlinkReceiver, what_cannot_be_written_is_not_done) {
  Plain plain;
  plain.keep_error = "no space";
  auto receiver = plain.receiver();
  EXPECT_FALSE(receiver.take(sealed_by_centre(message_of(Kind::replay, 1)), 0));
  EXPECT_FALSE(receiver.take(drop_in(2), 0));
  EXPECT_FALSE(receiver.ready());
  EXPECT_TRUE(plain.acts.empty());
  EXPECT_EQ(plain.reloads, 0);
  plain.keep_error.clear();
  receiver.look();
  EXPECT_TRUE(receiver.ready());
  EXPECT_TRUE(receiver.take(sealed_by_centre(message_of(Kind::replay, 1)), 0));
  EXPECT_EQ(plain.acts.size(), 1U);
}

TEST(DownlinkReceiver, nothing_is_passed_while_the_clock_is_not_known) {
  Plain plain;
  plain.now.wall.right = false;
  auto receiver = plain.receiver();
  EXPECT_FALSE(receiver.take(drop_in(1), 0));
  EXPECT_FALSE(receiver.ready());
  EXPECT_EQ(receiver.doing(), "waiting for a clock that is right");
  plain.now.wall.right = true;
  EXPECT_TRUE(receiver.ready());
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
}

TEST(DownlinkReceiver, who_is_refused_is_told_if_he_can_be_and_counted_in_any_case) {
  Plain plain;
  auto receiver = plain.receiver();
  plain.fault = "weather-gateway.toml:1:1: unknown key";
  EXPECT_TRUE(receiver.take(drop_in(1), 0));
  EXPECT_EQ(receiver.next_note()->event, "refused");
  EXPECT_NE(receiver.next_note()->reason.find("faulty: weather-gateway.toml:1:1"), std::string::npos);
  EXPECT_EQ(plain.reloads, 0);
  tell_all(receiver);
  EXPECT_TRUE(receiver.take(drop_in(1), 1)) << "replayed";
  EXPECT_TRUE(receiver.take("nonsense", 2));
  EXPECT_TRUE(receiver.take(sealed_by_centre(message_of(Kind::reload, 1, "gateway:x")), 3));
  EXPECT_FALSE(receiver.next_note());
  EXPECT_EQ(receiver.last_refused().size(), 2U);
  for (const auto refusal : {Refusal::faulty, Refusal::replayed, Refusal::malformed, Refusal::foreign})
    EXPECT_EQ(receiver.counters().refused.at(static_cast<std::size_t>(refusal)), 1U) << to_string(refusal);
  EXPECT_EQ(receiver.state().next_offset, 4);
  EXPECT_EQ(plain.kept.next_offset, 1);
  plain.now.boot.boot_ms += 60'000;
  receiver.look();
  EXPECT_EQ(plain.kept.next_offset, 4) << "a minute later it is written";
}

}  // namespace
}  // namespace weather::gateway::downlink
