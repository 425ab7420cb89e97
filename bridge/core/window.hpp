// The records between "read from the log" and "has a fate", in log order. Pure; one thread.
//
// The watermark moves only over a contiguous run of records with a fate, never over a count of successes:
// reports come partition by partition, in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "bridge/log/log.hpp"

namespace weather::bridge {

enum class Fate : std::uint8_t {
  in_flight,      // produced, no report yet
  failed,         // reported as not delivered: to be sent again
  delivered,      // confirmed by Kafka
  dead_lettered,  // kept on the card, with the reason
  passed,         // nothing to send (an anchor, a reading this route does not take)
};

class Window {
 public:
  struct Slot {
    log::Sequence sequence = 0;
    log::Sequence next = 0;  // the sequence after this record: not always sequence + 1, a loss spans a range
    std::int64_t time_ns = 0;
    std::uint32_t bytes = 0;
    std::uint64_t lost_records = 0;  // of a loss in the stream: the records that are gone, dropped with it
    Fate fate = Fate::in_flight;
    std::int64_t sent_ns = 0;     // wall clock when it was handed to the producer
    std::uint64_t records = 1;    // a run of passed records is one slot
    std::uint64_t lost_span = 0;  // of a loss: all it reaches over, up to `sequence`; 0: it is none
  };
  // Survives the trip through librdkafka as an opaque pointer; 31 bits, wraps around.
  using Id = std::uint32_t;
  static constexpr Id id_mask = 0x7FFF'FFFF;

  // from: the first sequence without a fate. first_id: of the first slot.
  explicit Window(log::Sequence from, Id first_id = 0) : base_(first_id), next_(from) {}

  // In log order. A slot may start with its fate known; a passed one joins the passed one before it, so that
  // what a route does not take needs no memory. Its id is then of no use.
  Id push(const Slot& slot);
  // The slot pushed last was not produced after all.
  void drop_last();
  // Once per slot and attempt; returns the slot as it was, nothing for an id that is not in flight.
  std::optional<Slot> settle(Id id, Fate fate);

  struct Advance {
    log::Sequence next = 1;  // first record without a fate
    std::uint64_t delivered = 0, dead_lettered = 0, dropped = 0, passed = 0;
  };
  // Drops the leading slots that have a fate and counts them.
  Advance advance();
  // What advance() would give.
  Advance ahead() const;

  // After a failure, once nothing is in flight: forgets all slots, remembers which of them have a fate
  // already, and returns where to read on. The records then come again; has_fate() says which to leave out.
  log::Sequence rewind();
  // The same after a transaction that was aborted: what was delivered in it is not. Dead letters stay.
  log::Sequence rewind_undelivered();
  // From another record on, with nothing known of it or what follows. What was in flight is no longer: its
  // numbers are not given again soon.
  void restart(log::Sequence next);
  // The fate a record got before a rewind; its slot is then pushed with it.
  std::optional<Fate> known_fate(log::Sequence sequence) const;
  // The first loss over some of these records that was sent before a rewind: where it begins, and its slot,
  // to be pushed again. Its sequence is that of the last record it reaches over, which may have a fate of its
  // own.
  struct KnownLoss {
    log::Sequence first;
    Slot slot;
  };
  std::optional<KnownLoss> known_loss(log::Sequence first, log::Sequence last) const;
  // Of records first to last those that have a fate from before a rewind: a loss over them has not lost them.
  std::uint64_t known_records(log::Sequence first, log::Sequence last) const {
    const auto known = known_within(first, last + 1);
    return known.delivered + known.dead_lettered + known.passed;
  }

  log::Sequence next() const { return next_; }
  std::size_t size() const { return slots_.size(); }
  std::size_t in_flight() const { return in_flight_; }
  std::size_t failed() const { return failed_; }
  std::uint64_t bytes() const { return bytes_; }  // of the records in flight
  const Slot* front() const { return slots_.empty() ? nullptr : &slots_.front(); }

 private:
  bool joins_last(const Slot& slot) const;
  std::deque<Slot> slots_;
  Id base_;  // id of slots_.front()
  log::Sequence next_;
  std::size_t in_flight_ = 0, failed_ = 0;
  std::uint64_t bytes_ = 0;
  struct Known {
    log::Sequence first = 0, end = 0;  // a range only of passed records
    Fate fate = Fate::passed;
  };
  Advance known_within(log::Sequence first, log::Sequence end) const;
  static log::Sequence first_lost(const Slot& slot) { return slot.sequence + 1 - slot.lost_span; }

  std::vector<Known> known_;  // sorted, without overlaps
  std::vector<Slot> known_losses_;
};

}  // namespace weather::bridge
