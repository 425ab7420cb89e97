// Whether what is sent arrives. A link alone delivers nothing, and the library waits half a minute before it
// says that a topic is not there; so the cluster is asked when nothing was confirmed for a moment.
#include <algorithm>
#include <utility>

#include "bridge/error_class.hpp"
#include "bridge/properties.hpp"
#include "bridge/route.hpp"

namespace weather::bridge {
namespace {

constexpr std::chrono::milliseconds first_look{1500}, next_look{1000}, later_look{15'000};
// A topic that the broker makes by itself is missing for a moment.
constexpr int looks_to_be_sure = 2;
// A batch needs so long on a slow link.
constexpr std::chrono::seconds longest_silence{20};

}  // namespace

// What may pass without a confirmation before it is worth a question: records linger first.
std::chrono::milliseconds Route::stall_time() const {
  return first_look + linger();
}

// Under the name that linger.ms is an alias for.
std::chrono::milliseconds Route::linger() const {
  return std::chrono::milliseconds(number(properties_, "queue.buffering.max.ms").value_or(0));
}

// What is in a transaction counts once that is committed: until then one partition may hold it up for all.
void Route::note_confirmed() {
  progress_ = context_.clock.steady();
  confirmed_ = true;
  missing_topic_.clear();
  if (std::exchange(looked_in_vain_, 0) <= looks_to_be_sure) return;
  // The next look was put off, and would be late for the next trouble.
  stall_timer_.cancel();
  looks_later_ = false;
  if (window_.in_flight() > 0) look_at_topics_later();
}

bool Route::confirms() const {
  if (not_before_ != Link::Time{} && window_.in_flight() == 0) return true;  // it is not its time yet
  if (!confirmed_) return false;
  const bool nothing_sent = window_.in_flight() == 0 && !transaction_open_;
  return nothing_sent || context_.clock.steady() - progress_ <= longest_silence + stall_time();
}

void Route::look_at_topics_later() {
  if (std::exchange(looks_later_, true)) return;
  const bool missing = !missing_topic_.empty();
  const auto soon = missing ? next_look : stall_time();
  stall_timer_.set(looked_in_vain_ > looks_to_be_sure ? later_look : soon, [this, alive = alive_] {
    if (!*alive || stopping_) return;
    looks_later_ = false;
    const bool silent = window_.in_flight() > 0 && context_.clock.steady() - progress_ >= first_look;
    if (silent || !missing_topic_.empty()) {
      look_at_topics();
    } else if (window_.in_flight() > 0) {
      look_at_topics_later();
    }
  });
}

void Route::look_at_topics() {
  if (producer_ && link_.state() != Link::State::down && !std::exchange(looking_, true))
    producer_->look_at_topics();
  look_at_topics_later();
}

void Route::on_topics_looked_at(bool answered, const TopicTroubles& troubles) {
  looking_ = false;
  if (!answered) return;
  const auto found = std::find_if(troubles.begin(), troubles.end(), [](const auto& trouble) {
    return classify(trouble.second) == ErrorClass::blocked;
  });
  if (found == troubles.end()) {
    const bool was_told = !missing_topic_.empty() && looked_in_vain_ >= looks_to_be_sure;
    missing_topic_.clear();
    // Else the first confirmed record says that all is well.
    if (was_told && window_.size() == 0 && phase_ == Phase::running) tell_unblocked();
    looked_in_vain_ = 0;
    return;
  }
  missing_topic_ = found->first;
  if (++looked_in_vain_ >= looks_to_be_sure) tell_blocked(explain(found->second) + " (" + found->first + ")");
}

}  // namespace weather::bridge
