// A seeded life of a log: one writer and one sink, the promises the log made to them, and the check of any
// later state of the log against these promises.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"
#include "tests/crash/random.hpp"
#include "tests/crash/sim_files.hpp"

namespace weather::log::test {

// The bytes of the record with this number: length and content follow from the seed.
std::vector<std::byte> payload_of(std::uint64_t seed, std::uint64_t number);

// What the log said and what was done with it, up to one moment.
struct Promise {
  Sequence acknowledged = 0;  // on_durable said so
  Sequence delivered = 0;     // the farthest advance() of the cursor
  // The farthest advance() followed by a successful flush_cursors(), or by a commit that carried it along.
  Sequence delivered_kept = 0;
  // Of what the log refused: counted, so that the sender was let go on; given up at all; told in what was
  // delivered.
  std::uint64_t refused_counted = 0, refused_given = 0, refused_reported = 0;
};

// Every group of records the log accepted, by its last sequence.
struct Given {
  struct Group {
    std::uint64_t first_number, count;
    bool waited = true;  // false: its commit may have taken in the next group as well
  };
  std::uint64_t seed = 0, next_number = 1;
  std::map<Sequence, Group> groups;
  // The number of the record that was given this sequence.
  std::optional<std::uint64_t> number(Sequence sequence) const;
};

// Small segments and every policy, chosen by the seed; a log that drops the newest is full soon.
Options small_options(std::uint64_t seed, const std::filesystem::path& dir);

struct Opener {
  std::function<Result<std::unique_ptr<Log>>(const Options&, Files&, Clock&)> open;
  std::function<void(Log&)> pump;  // does what is due
};
// With the log's own thread, and without it: every call in an order that follows from the seed alone.
Opener with_thread();
Opener by_hand();

// The log is full and its policy is to wait for the sink: then it acknowledges nothing.
bool waits_for_room(const Log& log, const Options& options);

class Workload {
 public:
  // promised is called on the thread that changes a promise, at once; it must not call the log.
  Workload(Options options, Given& given, Opener opener, Files& files, SimClock& clock,
           std::function<void(const Promise&)> promised = {});
  // Throws std::runtime_error if a healthy disk makes the log fail.
  void open();
  void step();
  void deliver_all();
  void close() { log_.reset(); }
  Promise promise() const;
  // After a power cut: what was kept is acknowledged now, the rest was never given.
  void resume_with(const Promise& promise);
  // What an append or a flush may fail with when the disk is ill; ordinary errors throw.
  void allow_errors() { errors_allowed_ = true; }
  Log& log() { return *log_; }

 private:
  void append(Wait wait);
  void give_up(const std::vector<Record>& records, Wait wait);
  bool deliver();  // false: nothing is left
  void promised(const std::function<void(Promise&)>& change);

  Options options_;
  Given& given_;
  Opener opener_;
  Files& files_;
  SimClock& clock_;
  std::function<void(const Promise&)> promised_;
  Random random_;
  std::unique_ptr<Log> log_;
  Cursor cursor_;
  bool errors_allowed_ = false;
  mutable std::mutex mutex_;  // guards the rest
  Promise promise_;
  std::vector<Mark> given_up_;                  // their senders wait
  std::map<Sequence, std::uint64_t> reported_;  // refusals, by the record that told them to the sink
};

}  // namespace weather::log::test
