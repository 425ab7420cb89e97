// One budget of memory for the process, on which every holder of what others send draws.
//
// A holder asks before it takes and gives back when it lets go; a "no" is an answer like any other, counted
// by holder. Holders have ranks: while memory is short the lowest is refused first, so that what is only to
// be looked at never costs a reading. What a holder may have depends on its rank and on how much all of them
// have, never on who asked first. Thread-safe; no lock, no clock, no allocation.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weather::sensors {

// In the order in which they give way: the first is refused first. docs/security.md says the same.
enum class Holder : std::uint8_t {
  page_viewers,       // streams and answers of the page and the API
  outputs,            // answers to MQTT clients that do not read them
  wills,              // last wills of MQTT clients
  sparkplug_aliases,  // metrics of Sparkplug births
  sensor_table,       // what is shown and watched of each sensor
  http,               // requests that push readings
  sessions,           // MQTT sessions without a connection, topic aliases
  unreleased_ids,     // QoS 2 identifiers between PUBLISH and PUBREL
  receive_buffers,    // connections of MQTT clients and their packets that are not complete
  broker_messages,    // messages of MQTT brokers on their way into the log
  kafka_answers,      // what Kafka and the schema registry answer
  kafka_window,       // readings handed to the Kafka client and not yet confirmed
};
constexpr std::size_t holder_count = 12;
std::string_view to_string(Holder holder);  // as in the metrics: "page_viewers"

class MemoryBudget {
 public:
  struct Use {
    std::size_t used = 0, most = 0;  // now, and the most it ever had
    std::uint64_t refused = 0;       // how often it was refused
  };

  // `program` is what the process needs by itself (code, the log's buffers, threads); the holders share the
  // rest.
  explicit MemoryBudget(std::size_t limit, std::size_t program = 0);
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // False: refused and counted, nothing was taken.
  [[nodiscard]] bool take(Holder holder, std::size_t bytes);
  void give_back(Holder holder, std::size_t bytes);  // no more than was taken
  // Others filled the budget beyond what this holder's rank allows: let go of what can be had again.
  bool must_give_way(Holder holder) const { return used() > ceiling(holder); }

  std::size_t limit() const { return shared_ + program_; }
  std::size_t program() const { return program_; }
  std::size_t shared() const { return shared_; }                              // what the holders share
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }  // by all holders
  Use use(Holder holder) const;
  // Taken only while all holders together, with it, stay below this: rises with the rank up to shared().
  std::size_t ceiling(Holder holder) const;

 private:
  struct Entry {
    std::atomic<std::size_t> used{0}, most{0};
    std::atomic<std::uint64_t> refused{0};
  };

  const std::size_t program_, shared_;
  std::atomic<std::size_t> used_{0};
  std::array<Entry, holder_count> entries_;
};

// Part of the budget, given back when it goes. Without a budget everything is allowed: for tests and tools.
// One thread at a time; moved, not copied.
class Reservation {
 public:
  Reservation() = default;
  Reservation(MemoryBudget* budget, Holder holder) : budget_(budget), holder_(holder) {}
  Reservation(Reservation&& other) noexcept
      : budget_(other.budget_), holder_(other.holder_), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept {
    if (this == &other) return *this;
    release();
    budget_ = other.budget_;
    holder_ = other.holder_;
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }
  ~Reservation() { release(); }

  // Makes it `bytes` in all, more or less than before. False: refused, it stays as it was. Less is always
  // granted.
  [[nodiscard]] bool resize(std::size_t bytes);
  [[nodiscard]] bool grow(std::size_t by) { return resize(bytes_ + by); }
  void release() { shrink_to(0); }
  void shrink_to(std::size_t bytes);  // no effect if it has less
  std::size_t bytes() const { return bytes_; }
  bool must_give_way() const { return budget_ != nullptr && budget_->must_give_way(holder_); }

 private:
  MemoryBudget* budget_ = nullptr;
  Holder holder_ = Holder::page_viewers;
  std::size_t bytes_ = 0;
};

}  // namespace weather::sensors
