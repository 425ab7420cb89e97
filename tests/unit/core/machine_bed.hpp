// A machine on its own: what it wants done for what it is told, and its alarms.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/machine.hpp"

namespace weather::bridge::core {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Why = event::TurnEnded::Why;

inline constexpr Outcome refused{10, ErrorClass::record}, purged{code::purge_queue, ErrorClass::local},
    broken_line{code::transport, ErrorClass::transient}, not_allowed{29, ErrorClass::blocked};

class MachineTest : public testing::Test {
 protected:
  explicit MachineTest(ClientMode mode = ClientMode::idempotent, bool asks_schema = false)
      : machine_(options(mode, asks_schema), 1, Time{}) {}

  explicit MachineTest(const MachineOptions& wanted) : machine_(wanted, 1, Time{}) {}

  static MachineOptions options(ClientMode mode, bool asks_schema) {
    MachineOptions options;
    options.mode = mode;
    options.asks_schema = asks_schema;
    options.window_records = 4;
    options.explain = [](int code) { return "code " + std::to_string(code); };
    options.reason = [](int) -> std::string_view { return "too_large"; };
    return options;
  }

  // What it wants done.
  std::vector<Do> on(const Event& event) {
    const Actions actions = machine_.on(event, {now_, 0.5, cut_});
    std::vector<Do> all;
    for (const auto& action : actions.list()) {
      all.push_back(action.what);
      if (action.what == Do::arm) armed_[action.timer] = action;
      if (action.what == Do::disarm) armed_.erase(action.timer);
    }
    advance_ = actions.advance;
    return all;
  }
  std::vector<Do> rings(Timer timer) {
    const auto it = armed_.find(timer);
    if (it == armed_.end()) return {};
    const Action action = it->second;
    armed_.erase(it);
    now_ += action.time;
    return on(event::Alarm{timer, action.epoch});
  }
  void start() {
    on(event::Start{});
    on(event::ClientMade{false});
  }
  // With brokers that answer, and topics that are there.
  void start_linked() {
    start();
    on(event::LinkChanged{Link::State::up});
    on(event::TopicsLookedAt{true, {}, 0});
  }
  Window::Id give(log::Sequence sequence) {
    EXPECT_TRUE(machine_.may_send()) << machine_.describe();
    const auto id = machine_.take({sequence, sequence + 1, 0, 10, 0, Fate::in_flight});
    machine_.given(id.value());
    return *id;
  }
  std::vector<Do> fails(Window::Id id, const Outcome& outcome) {
    const auto slot = machine_.settle(id, false);
    EXPECT_TRUE(slot);
    return on(event::Failed{outcome, slot->sequence});
  }
  // Records 1 and 2 are refused, and one of them is bad: from here on they go one by one.
  void search_one_by_one() {
    const auto a = give(1), b = give(2);
    fails(a, refused);
    fails(b, refused);
    on(event::ReportsEnd{0});
    rings(Timer::wait);
  }
  void delivers(Window::Id id) { EXPECT_TRUE(machine_.settle(id, true)); }

  Machine machine_;
  Time now_{};
  bool cut_ = false;
  Window::Advance advance_;
  std::map<Timer, Action> armed_;
};

class TransactionTest : public MachineTest {
 protected:
  TransactionTest() : MachineTest(ClientMode::transactional) {}
  void open() {
    on(event::Start{});
    on(event::ClientMade{true});
    on(event::Opened{machine_.epoch(), 1});
  }
  void begin() {
    EXPECT_TRUE(machine_.needs_transaction());
    on(event::Begun{});
  }
};

}  // namespace weather::bridge::core
