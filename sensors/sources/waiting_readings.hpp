// Readings without a waiting sender, and that the sink may refuse for a while: in their order, so many of
// them, the oldest gives way. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "sensors/sink.hpp"

namespace weather::sensors {

class WaitingReadings {
 public:
  static constexpr std::size_t most = 1000;

  explicit WaitingReadings(Sink& sink) : sink_(sink) {}  // sink must outlive it

  void add(Reading reading);
  // A refusal ends it until half a second later. True: there was something, and all of it is stored.
  bool store(std::int64_t now_ns);
  void try_at_once() { refused_until_ns_ = 0; }

  bool empty() const { return waiting_.empty(); }
  // When store() may do something; none: nothing waits.
  std::optional<std::int64_t> due_ns() const;
  Ticket last() const { return last_; }                 // of what was stored
  std::uint64_t refused() const { return refused_; }    // times that the sink refused
  std::uint64_t given_up() const { return given_up_; }  // readings that waited behind too many others
  const std::string& last_error() const { return last_error_; }

 private:
  Sink& sink_;
  std::deque<Reading> waiting_;
  std::int64_t refused_until_ns_ = 0;
  Ticket last_;
  std::uint64_t refused_ = 0, given_up_ = 0;
  std::string last_error_;
};

}  // namespace weather::sensors
