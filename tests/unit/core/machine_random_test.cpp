// A machine in a world of chance: answers that come late, twice, from a client that is gone, or not at all;
// a person and a clock that interfere at any time. The promises hold in all of it, the cursor passes nothing
// that is not delivered, and once the world is well again everything gets through.
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/machine.hpp"

namespace weather::bridge::core {
namespace {

constexpr Outcome fine{}, refused{10, ErrorClass::record},
    broken_line{code::transport, ErrorClass::transient}, not_allowed{29, ErrorClass::blocked},
    purged{code::purge_queue, ErrorClass::local}, full{code::queue_full, ErrorClass::local},
    ended{47, ErrorClass::fatal};
constexpr log::Sequence last = 60;

std::string explain(int code) {
  return "code " + std::to_string(code);
}
std::string_view reason(int) {
  return "refused";
}

class World {
 public:
  World(unsigned seed, ClientMode mode)
      : random_(seed), mode_(mode), machine_(options(mode, seed), 1, now_) {}

  void run() {
    on(event::Start{});
    for (int i = 0; i < 400 && wrong.empty(); ++i) step();
    faults_ = false;
    for (const Hold hold : {Hold::paused, Hold::hours, Hold::rate, Hold::spread})
      on(event::HoldChanged{hold, false});
    on(event::LinkChanged{Link::State::up});
    for (int i = 0; i < 4000 && wrong.empty() && cursor_ <= last; ++i) step();
    if (wrong.empty() && cursor_ <= last) wrong = "not through: " + machine_.describe();
    if (machine_.blocked() && machine_.blocked()->find("promise") != std::string::npos)
      wrong = *machine_.blocked();
  }

  std::string wrong;

 private:
  static MachineOptions options(ClientMode mode, unsigned seed) {
    MachineOptions options;
    options.mode = mode;
    options.window_records = 1 + seed % 7;
    options.must_know_limits = seed % 3 == 0;
    options.asks_schema = seed % 5 == 0;
    options.simpler_codecs = 2;
    options.explain = explain;
    options.reason = reason;
    return options;
  }

  bool one_in(unsigned n) { return random_() % n == 0; }
  bool fault(unsigned n) { return faults_ && one_in(n); }

  void on(const Event& event) {
    const Actions actions =
        machine_.on(event, {now_, static_cast<double>(random_() % 1000) / 1000, client_ && cut_});
    for (const auto& action : actions.list()) perform(action, actions.advance);
  }
  // Sooner or later; often also from a client that is gone by then.
  void later(const Event& event) {
    answers_.emplace(now_ + std::chrono::milliseconds(random_() % 3000), event);
  }

  void perform(const Action& action, const Window::Advance& by) {
    switch (action.what) {
      case Do::make_client:
        if (fault(4)) return on(event::ClientImpossible{"no"});
        if (client_) wrong = "a second client";
        client_ = true;
        cut_ = false;
        return on(event::ClientMade{mode_ != ClientMode::plain && one_in(2)});
      case Do::drop_client:
        client_ = false;
        in_flight_.clear();
        in_transaction_.clear();
        ends_ = 0;
        return;
      case Do::ask_limits:
        if (fault(4)) return on(event::NoTopics{});
        if (!fault(3)) later(event::LimitsReported{});
        return;
      case Do::ask_schema:
        if (fault(2)) return later(event::SchemaMissing{action.epoch, "no", one_in(2)});
        return later(event::SchemaKnown{action.epoch});
      case Do::open_transactions:
        if (fault(3))
          return later(event::NotOpened{action.epoch, one_in(2) ? not_allowed : ended, one_in(2), "no"});
        return later(event::Opened{action.epoch, cursor_});
      case Do::commit_transaction:
      case Do::abort_transaction:
        if (++ends_ > 1) wrong = "two ends";
        commits_ = action.what == Do::commit_transaction;
        return end(action.epoch);
      case Do::keep_cursor:
        keep(ahead_);
        return;
      case Do::purge:
        if (!fault(3)) give_back();
        return;
      case Do::purge_all:
        return give_back();
      case Do::flush:
        return later(event::Flushed{action.epoch, action.flush});
      case Do::send:
        return send();
      case Do::reread:
        read_ = machine_.window().next();
        return;
      case Do::advance:
        return keep(by.next);
      case Do::arm:
        timers_[action.timer] = {now_ + action.time, action.epoch};
        return;
      case Do::disarm:
        if (!fault(3)) timers_.erase(action.timer);  // else one that rings all the same
        return;
      case Do::look_at_topics:
        return later(event::TopicsLookedAt{!fault(3), fault(3) ? "t" : "", 3});
      default:
        return;
    }
  }

  void end(Epoch epoch) {
    ahead_ = machine_.window().ahead().next;
    if (fault(4)) return later(event::Ended{epoch, false, one_in(2) ? ended : broken_line, one_in(2)});
    if (commits_) delivered_.insert(in_transaction_.begin(), in_transaction_.end());
    in_transaction_.clear();
    later(event::Ended{epoch, true, fine, false});
  }

  void keep(log::Sequence next) {
    for (; cursor_ < next; ++cursor_)
      if (delivered_.count(cursor_) == 0) wrong = "passed " + std::to_string(cursor_);
    if (next < cursor_) wrong = "the cursor goes back";
  }

  void give_back() {
    for (const auto& [id, sequence] : in_flight_) reports_.emplace(id, purged);
  }

  void send() {
    using Why = event::TurnEnded::Why;
    Why why = Why::held;
    for (int turn = 0; machine_.may_send(); ++turn) {
      if (fault(40)) {
        on(event::LogUnreadable{"EIO"});
        break;
      }
      if (machine_.log_was_unreadable()) on(event::LogReadable{});
      if (read_ > last) {
        why = Why::caught_up;
        break;
      }
      if (turn == 5) {
        why = Why::long_enough;
        break;
      }
      const auto done = send_one(read_);
      if (done) why = *done;
      if (done) break;
      ++read_;
    }
    on(event::TurnEnded{why});
  }

  std::optional<event::TurnEnded::Why> send_one(log::Sequence sequence) {
    using Why = event::TurnEnded::Why;
    const Window::Slot slot{sequence, sequence + 1, 0, 0, 0, Fate::passed};
    if (machine_.skip(slot)) return std::nullopt;
    if (sequence % 9 == 0) {
      delivered_.insert(sequence);
      machine_.pass(slot);
      return std::nullopt;
    }
    Window::Slot taken = slot;
    taken.fate = Fate::in_flight;
    if (machine_.given_up(sequence)) {
      const auto id = machine_.take(taken).value();
      if (fault(3)) {
        machine_.untake();
        if (fault(2))
          on(event::DeadLettersBusy{});
        else
          on(event::DeadLettersFull{"full"});
        return Why::held;
      }
      machine_.dead_lettered(sequence);
      delivered_.insert(sequence);
      later(event::DeadLetterStored{id});
      return std::nullopt;
    }
    const std::string key = "k" + std::to_string(sequence % 3);
    if (!machine_.may_go("t", key)) return Why::first_send;
    if (machine_.needs_transaction()) {
      if (fault(20)) on(event::NotBegun{one_in(2) ? ended : broken_line, one_in(2)});
      if (!machine_.may_send()) return Why::held;
      on(event::Begun{});
    }
    if (!client_) wrong = "given to nobody";
    const auto id = machine_.take(taken).value();
    if (fault(30)) {
      on(event::NotTaken{id, one_in(2) ? full : ended, sequence});
      return Why::held;
    }
    machine_.given(id);
    in_flight_[id] = sequence;
    if (!fault(10)) reports_.emplace(id, outcome(sequence));
    return std::nullopt;
  }

  Outcome outcome(log::Sequence sequence) {
    if (sequence % 17 == 0) return refused;
    if (fault(15)) return broken_line;
    if (fault(25)) return not_allowed;
    return fine;
  }

  // Some of the reports, in any order.
  void report() {
    std::uint64_t delivered = 0;
    for (auto it = reports_.begin(); it != reports_.end();) {
      const auto [id, result] = *it;
      if (one_in(3)) {
        ++it;
        continue;
      }
      it = reports_.erase(it);
      const auto found = in_flight_.find(id);
      if (found == in_flight_.end()) continue;
      const auto sequence = found->second;
      in_flight_.erase(found);
      const bool good = result.error_class == ErrorClass::none;
      if (good && mode_ == ClientMode::transactional) in_transaction_.insert(sequence);
      if (good && mode_ != ClientMode::transactional) delivered_.insert(sequence);
      const auto slot = machine_.settle(id, good);
      if (!slot) wrong = "reported and not in flight";
      delivered += good ? 1U : 0U;
      cut_ |= result.error_class == ErrorClass::record;
      if (slot && !good) on(event::Failed{result, slot->sequence});
    }
    on(event::ReportsEnd{delivered});
  }

  void step() {
    now_ += std::chrono::milliseconds(random_() % 400);
    for (auto it = answers_.begin(); it != answers_.end() && it->first <= now_;) {
      const Event event = it->second;
      it = answers_.erase(it);
      if (std::holds_alternative<event::Ended>(event)) ends_ = 0;
      on(event);
    }
    for (const auto& [timer, when] : std::map<Timer, std::pair<Time, Epoch>>(timers_)) {
      if (when.first > now_) continue;
      timers_.erase(timer);
      on(event::Alarm{timer, when.second});
    }
    report();
    if (faults_) interfere();
    if (!faults_)
      for (const auto& [id, sequence] : in_flight_)
        if (reports_.count(id) == 0) reports_.emplace(id, outcome(sequence));
    if (one_in(4)) on(event::Look{});
  }

  void interfere() {
    switch (random_() % 24) {
      case 0:
      case 1:
        return on(event::HoldChanged{static_cast<Hold>(random_() % 4), one_in(2)});
      case 2:
        return on(event::CertificatesChanged{});
      case 3:
        return on(event::RetryNow{});
      case 4:
        return on(event::LinkChanged{static_cast<Link::State>(random_() % 4)});
      case 5:
        if (client_ && one_in(4)) return on(event::ClientFatal{47});
        return;
      case 6:
        if (machine_.has_open_transaction()) return on(event::TransactionFailed{broken_line});
        return;
      case 7:  // answers that nobody waits for
        return on(event::Ended{machine_.epoch() - 1, true, fine, false});
      case 8:
        return on(event::Opened{machine_.epoch() - 1, last});
      case 9:
        return on(event::Alarm{static_cast<Timer>(random_() % timers), 1});
      default:
        return;
    }
  }

  std::mt19937 random_;
  const ClientMode mode_;
  Time now_{};
  Machine machine_;
  bool faults_ = true, client_ = false, cut_ = false, commits_ = false;
  int ends_ = 0;
  log::Sequence read_ = 1, cursor_ = 1, ahead_ = 1;
  std::map<Window::Id, log::Sequence> in_flight_;
  std::map<Window::Id, Outcome> reports_;
  std::set<log::Sequence> delivered_, in_transaction_;
  std::multimap<Time, Event> answers_;
  std::map<Timer, std::pair<Time, Epoch>> timers_;
};

void hold_in(ClientMode mode, unsigned first) {
  for (unsigned seed = first; seed < first + 3000; ++seed) {
    World world(seed, mode);
    world.run();
    ASSERT_EQ(world.wrong, "") << "seed " << seed;
  }
}

TEST(MachineInAWorldOfChance, PromisesHoldAndAllGetsThrough) {
  hold_in(ClientMode::idempotent, 1);
}
TEST(MachineInAWorldOfChance, AlsoInTransactions) {
  hold_in(ClientMode::transactional, 1);
}

}  // namespace
}  // namespace weather::bridge::core
