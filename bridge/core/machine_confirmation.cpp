// Whether what is sent arrives. A link alone delivers nothing, and the library waits half a minute before it
// says that a topic is not there; so the cluster is asked when nothing was confirmed for a moment.
#include <algorithm>
#include <utility>

#include "bridge/core/machine.hpp"

namespace weather::bridge::core {
namespace {

constexpr std::chrono::milliseconds first_look{1500}, next_look{1000}, later_look{15'000};
// A topic that the broker makes by itself is missing for a moment.
constexpr int looks_to_be_sure = 2;
// A batch needs so long on a slow link.
constexpr std::chrono::seconds longest_silence{20};
// librdkafka 2.0.2 may leave a partition with a broker that leads it no more, when two answers about the
// topic overlap: it is refused there for as long as the client lives. Longer than the batches of several
// partitions need one after the other at 64 kbit/s.
constexpr std::chrono::minutes stuck_after{5};

}  // namespace

// What may pass without a confirmation before it is worth a question: records linger first.
std::chrono::milliseconds Machine::stall_time() const {
  return first_look + options_.linger;
}

// What is in a transaction counts once that is committed: until then one partition may hold it up for all.
void Machine::confirmed() {
  progress_ = moment_.now;
  confirmations_.confirmed(moment_.now, window_.in_flight() > 0);
  topics_are_there();
}

void Machine::topics_are_there() {
  missing_topic_.clear();
  if (std::exchange(looked_in_vain_, 0) <= looks_to_be_sure) return;
  disarm(Timer::stall);  // it was put off, and would be late for the next trouble
  if (window_.in_flight() > 0) look_at_topics_later();
}

bool Machine::confirms(Time now, const Machine* other) const {
  if (holds_.has(Hold::spread) && window_.in_flight() == 0) return true;  // it is not its time yet
  return Confirmations::all_well(confirmations_, other != nullptr ? &other->confirmations_ : nullptr, now,
                                 longest_silence + stall_time());
}

void Machine::look_at_topics_later() {
  if (armed(Timer::stall)) return;
  const auto soon = missing_topic_.empty() ? stall_time() : next_look;
  arm(Timer::stall, looked_in_vain_ > looks_to_be_sure ? later_look : soon);
}

void Machine::stalled() {
  if (is<Stopping>() || is<Stopped>()) return;
  if (is_forgotten()) return give_up_client();
  const bool silent = window_.in_flight() > 0 && moment_.now - progress_ >= first_look;
  if (silent || !missing_topic_.empty()) {
    look_at_topics();
  } else if (window_.in_flight() > 0) {
    look_at_topics_later();
  }
}

void Machine::look_at_topics() {
  if (client_ != Client::none && link_ != Link::State::down && asked_ != epoch_) {
    asked_ = epoch_;
    add(Do::look_at_topics);
  }
  look_at_topics_later();
}

// The brokers answer all the time, the topics are there, and yet the oldest record is not delivered.
bool Machine::is_stuck() const {
  return (is<Sending>() || is<Retiring>()) && window_.in_flight() > 0 && answering_since_ &&
         moment_.now - std::max(moved_, *answering_since_) >= stuck_after + options_.linger;
}

// What waits in the client for the link goes out in several batches at once when that is back. By then the
// brokers may have forgotten the client, and take the second of them where they refuse the first.
bool Machine::is_forgotten() const {
  return (is<Sending>() || is<Retiring>()) && first_send_gate_ && link_ != Link::State::up &&
         window_.in_flight() > 0 && moment_.now - moved_ >= options_.producer_remembered;
}

void Machine::handle(const event::TopicsLookedAt& answer) {
  asked_ = 0;
  if (!answer.answered) return answering_since_.reset();
  if (!answering_since_) answering_since_ = moment_.now;
  if (answer.missing.empty()) {
    const bool was_reported = !missing_topic_.empty() && looked_in_vain_ >= looks_to_be_sure;
    topics_are_there();
    // Else the first confirmed record says that all is well.
    if (was_reported && window_.size() == 0 && is<Sending>()) unblock();
    if (is_stuck()) give_up_client();
    return;
  }
  missing_topic_ = answer.missing;
  if (++looked_in_vain_ >= looks_to_be_sure)
    block(options_.explain(answer.code) + " (" + answer.missing + ")");
}

}  // namespace weather::bridge::core
