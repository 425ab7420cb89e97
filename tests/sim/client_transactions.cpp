// Transactions, as the library makes them of requests to the coordinator.
#include "tests/sim/client.hpp"

namespace weather::sim {

void Client::init_transactions(std::function<void(CallResult)> done) {
  ask(std::chrono::seconds(30), [this, done = std::move(done)](int code) {
    if (code == ok) producer_ = broker_.init_transactions(settings_.transactional_id);
    done({code, false, false});
  });
}

CallResult Client::begin_transaction() {
  if (fatal_ != ok) return {fatal_, false, true};
  if (!producer_ || in_transaction_) return {state_error, false, false};
  in_transaction_ = true;
  sent_in_transaction_ = false;
  return {};
}

void Client::commit_transaction(std::function<void(CallResult)> done) {
  end_when_quiet(true, std::move(done));
}

void Client::abort_transaction(std::function<void(CallResult)> done) {
  purge(false);
  end_when_quiet(false, std::move(done));
}

// What is in flight has its answer first. A call that is under way is repeated until there is an answer.
void Client::end_when_quiet(bool commit, std::function<void(CallResult)> done, Duration look_again) {
  constexpr Duration seldom = std::chrono::milliseconds(100);
  ending_ = true;
  serve_at(loop_.now());
  if (outstanding() == 0 && requests_.empty() && fatal_ == ok && in_transaction_ &&
      (!commit || abortable_ == ok)) {
    ending_ = false;
    return end(commit, std::move(done));
  }
  if (fatal_ == ok && in_transaction_ && (!commit || abortable_ == ok))
    return later(look_again, [this, commit, done = std::move(done), next = std::min(look_again * 2, seldom)] {
      end_when_quiet(commit, done, next);
    });
  ending_ = false;
  later(std::chrono::microseconds(100), [this, done = std::move(done)] {
    if (fatal_ != ok) return done({fatal_, false, true});
    if (!in_transaction_) return done({state_error, false, false});
    done({abortable_, true, false});
  });
}

void Client::end(bool commit, std::function<void(CallResult)> done) {
  later(network_.delay(), [this, commit, done] {
    if (!any_up() || !network_.up)
      return later(std::chrono::seconds(1), [this, commit, done] { end(commit, done); });
    int code =
        sent_in_transaction_ ? broker_.end_transaction(settings_.transactional_id, *producer_, commit) : ok;
    if (network_.loses_one_in != 0 && network_.random.one_in(network_.loses_one_in))
      return later(std::chrono::seconds(1), [this, commit, done] { end(commit, done); });
    later(network_.delay(), [this, commit, done, code] {
      if (code != ok) {
        set_fatal(fenced);
        return done({fenced, false, true});
      }
      in_transaction_ = false;
      // Some versions of the library number anew after a failure; with the others the gap stays, and fails
      // the next transaction.
      if (!commit && (numbers_anew_ || (network_.numbers_anew && (draining_ || abortable_ != ok)))) {
        numbers_anew_ = false;
        producer_ = broker_.init_transactions(settings_.transactional_id);
        for (auto& [key, lane] : lanes_) lane.next_sequence = 0;
      }
      abortable_ = ok;
      draining_ = false;
      done({});
    });
  });
}

}  // namespace weather::sim
