// A sink whose disk the test operates: it refuses, stores, and makes durable when told to.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sensors/sink.hpp"

namespace weather::sensors {

class FakeSink : public Sink {
 public:
  struct Stored {
    std::string source, topic, payload, traceparent;
    bool retained = false, duplicate = false;
    std::uint32_t packet_id = 0;
    Waits waits = Waits::no;
    std::string decode_error;
    std::vector<Reading> readings;
  };

  Result<Ticket> accept(const Message& m, const Decoder& decode, Waits waits) override {
    auto decoded = decode(m);
    const std::lock_guard lock(mutex_);
    ++attempts_;
    changed_.notify_all();
    if (decoded && m.ids != nullptr && !m.ids->allows(*decoded))
      return tl::unexpected(make_error_code(AccessErrc::foreign_id));
    if (refusing_) return tl::unexpected(std::make_error_code(std::errc::no_space_on_device));
    Stored stored{std::string(m.source),
                  std::string(m.topic),
                  std::string(m.payload),
                  std::string(m.traceparent),
                  m.retained,
                  m.duplicate,
                  m.packet_id,
                  waits,
                  {},
                  {}};
    if (decoded) {
      stored.readings = std::move(*decoded);
    } else {
      stored.decode_error = decoded.error().reason;
    }
    return add(std::move(stored));
  }

  Result<Ticket> store(std::vector<Reading> readings, Waits waits) override {
    const std::lock_guard lock(mutex_);
    ++attempts_;
    changed_.notify_all();
    if (refusing_) return tl::unexpected(std::make_error_code(std::errc::no_space_on_device));
    Stored stored;
    stored.waits = waits;
    stored.readings = std::move(readings);
    return add(std::move(stored));
  }

  Result<void> wait(Ticket ticket, std::chrono::milliseconds timeout) override {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, timeout, [&] { return durable_ >= ticket; })) return {};
    return tl::unexpected(std::make_error_code(std::errc::timed_out));
  }

  Ticket durable() const override {
    const std::lock_guard lock(mutex_);
    return durable_;
  }
  void on_durable(std::function<void(Ticket)> callback) override {
    const std::lock_guard lock(mutex_);
    callbacks_.push_back(std::move(callback));
  }

  // What the test does to the disk.
  void refuse(bool refusing) {
    const std::lock_guard lock(mutex_);
    refusing_ = refusing;
  }
  void hold_commits(bool hold) {
    std::unique_lock lock(mutex_);
    holding_ = hold;
    if (!hold) commit(lock);
  }

  bool wait_for_attempts(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return attempts_ >= count; });
  }
  bool wait_for_stored(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return stored_.size() >= count; });
  }
  std::vector<Stored> stored() const {
    const std::lock_guard lock(mutex_);
    return stored_;
  }

 private:
  Ticket add(Stored stored) {
    stored_.push_back(std::move(stored));
    const Ticket ticket = stored_.size();
    if (!holding_) {
      durable_ = ticket;
      for (const auto& callback : callbacks_) callback(durable_);
    }
    changed_.notify_all();
    return ticket;
  }
  void commit(std::unique_lock<std::mutex>&) {
    durable_ = stored_.size();
    for (const auto& callback : callbacks_) callback(durable_);
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool refusing_ = false, holding_ = false;
  std::size_t attempts_ = 0;
  Ticket durable_ = 0;
  std::vector<Stored> stored_;
  std::vector<std::function<void(Ticket)>> callbacks_;
};

}  // namespace weather::sensors
