#include "sensors/budget/memory_budget.hpp"

#include <algorithm>

namespace weather::sensors {
namespace {

constexpr std::size_t lowest_ceiling_percent =
    60;  // of what the holders share; the highest rank has all of it

constexpr std::array<std::string_view, holder_count> names{
    "page_viewers",  "outputs",     "wills",          "sparkplug_aliases", "sensor_table",
    "http",          "sessions",    "unreleased_ids", "receive_buffers",   "broker_messages",
    "kafka_answers", "kafka_window"};

std::size_t index(Holder holder) {
  return static_cast<std::size_t>(holder);
}

void raise(std::atomic<std::size_t>& most, std::size_t value) {
  auto known = most.load(std::memory_order_relaxed);
  while (known < value && !most.compare_exchange_weak(known, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

std::string_view to_string(Holder holder) {
  return names[index(holder)];
}

MemoryBudget::MemoryBudget(std::size_t limit, std::size_t program)
    : program_(std::min(program, limit)), shared_(limit - program_) {}

std::size_t MemoryBudget::ceiling(Holder holder) const {
  constexpr std::size_t rest = 100 - lowest_ceiling_percent, last = holder_count - 1;
  // Divided first: the product of a limit and 100 may not fit into 32 bits.
  return index(holder) == last ? shared_
                               : shared_ / 100 * (lowest_ceiling_percent + rest * index(holder) / last);
}

bool MemoryBudget::take(Holder holder, std::size_t bytes) {
  auto& entry = entries_[index(holder)];
  const auto most = ceiling(holder);
  auto known = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > most || known > most - bytes) {
      entry.refused.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  } while (!used_.compare_exchange_weak(known, known + bytes, std::memory_order_relaxed));
  raise(entry.most, entry.used.fetch_add(bytes, std::memory_order_relaxed) + bytes);
  return true;
}

void MemoryBudget::give_back(Holder holder, std::size_t bytes) {
  entries_[index(holder)].used.fetch_sub(bytes, std::memory_order_relaxed);
  used_.fetch_sub(bytes, std::memory_order_relaxed);
}

MemoryBudget::Use MemoryBudget::use(Holder holder) const {
  const auto& entry = entries_[index(holder)];
  return {entry.used.load(std::memory_order_relaxed), entry.most.load(std::memory_order_relaxed),
          entry.refused.load(std::memory_order_relaxed)};
}

bool Reservation::resize(std::size_t bytes) {
  if (bytes > bytes_) {
    if (budget_ != nullptr && !budget_->take(holder_, bytes - bytes_)) return false;
    bytes_ = bytes;
  }
  shrink_to(bytes);
  return true;
}

void Reservation::shrink_to(std::size_t bytes) {
  if (bytes >= bytes_) return;
  if (budget_ != nullptr) budget_->give_back(holder_, bytes_ - bytes);
  bytes_ = bytes;
}

}  // namespace weather::sensors
