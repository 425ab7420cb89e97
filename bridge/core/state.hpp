// What a route is doing, and what keeps it from sending. Plain.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "bridge/core/failure_policy.hpp"

namespace weather::bridge::core {

using Time = std::chrono::steady_clock::time_point;

// What follows once everything in flight has been heard of.
enum class Next : std::uint8_t { send, renew, retire };

// Of a search for a bad record, a probe or a transaction: sent together, and the next one only when all of it
// was heard of.
struct Group {
  std::size_t left = 0;         // still to be sent
  std::uint64_t delivered = 0;  // of it
};

struct Stopped {};  // not started yet, or at the end
struct Opening {    // nothing is sent before these are known
  enum class Step : std::uint8_t { client, limits, schema, transactions } step = Step::client;
};
struct Sending {
  Group group;
};
struct Committing {  // exactly-once: the end of the transaction was asked for
  Next next = Next::send;
};
struct Draining {  // something failed: waiting for the reports of all that is in flight
  Failures failures;
  Next next = Next::send;
  Time until;
};
struct Aborting {  // exactly-once: nothing is in flight, and what was sent is taken back
  Failures failures;
  Next next = Next::send;
};
struct Waiting {  // for a timer
  Time until;
};
struct Renewing {};  // sends nothing more; a new client once all is heard of
struct Retiring {};  // sends nothing more; ends once all is heard of
struct Stopping {};  // the same, for as long as the stop may take
using State = std::variant<Stopped, Opening, Sending, Committing, Draining, Aborting, Waiting, Renewing,
                           Retiring, Stopping>;
std::string_view name_of(const State& state);

// Why nothing is sent though the state is Sending.
enum class Hold : std::uint8_t {
  paused,        // by a person
  hours,         // a time of the week in which nothing is sent
  rate,          // as fast as it may already
  spread,        // not all gateways at once after an outage
  log,           // it cannot be read
  dead_letters,  // the store takes nothing
  queue,         // the client's is full
};

class Holds {
 public:
  void set(Hold hold, bool on) {
    const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(hold));
    bits_ = static_cast<std::uint8_t>(on ? bits_ | bit : bits_ & ~bit);
  }
  bool has(Hold hold) const { return (bits_ >> static_cast<unsigned>(hold) & 1U) != 0; }
  bool none() const { return bits_ == 0; }
  std::string names() const;  // "paused, rate"; "none"

 private:
  std::uint8_t bits_ = 0;
};

// How the client is made.
enum class ClientMode : std::uint8_t {
  idempotent,     // as the settings have it
  plain,          // without idempotence, which kept failing
  transactional,  // exactly-once
};

// Where the client is.
enum class Client : std::uint8_t {
  none,
  made,
  ready,  // transactional: earlier ones are fenced, the cursor is read back
  in_transaction,
  committing,
  aborting,
  finished,  // by a fatal error
};

}  // namespace weather::bridge::core
