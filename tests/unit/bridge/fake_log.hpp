// A log in memory, whose records are durable at once and whose callbacks run in append().
#pragma once

#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"

namespace weather::bridge {

class FakeLog : public log::Log {
 public:
  log::Sequence add(std::string payload, std::int64_t time_ns = 1'000, log::Type type = log::Type::reading) {
    const log::Record record{time_ns, type, std::as_bytes(std::span(payload))};
    return *append({&record, 1}, log::Wait::now);
  }

  log::Result<log::Sequence> append(std::span<const log::Record> records, log::Wait) override {
    {
      const std::lock_guard lock(mutex_);
      if (fail_append) return log::fail(log::Errc::degraded);
      for (const auto& record : records)
        stored_.push_back({record.time_ns, record.type, {record.payload.begin(), record.payload.end()}});
    }
    for (const auto& callback : callbacks_) callback(durable());
    return durable();
  }
  log::Sequence durable() const override {
    const std::lock_guard lock(mutex_);
    return stored_.size();
  }
  log::Result<log::Mark> count_refused(std::span<const log::Record> records, log::Wait) override {
    return log::Mark{durable(), records.size()};
  }
  log::Mark durable_mark() const override { return {durable(), 0}; }
  void hurry() override {}
  log::Result<void> wait_durable(log::Mark, std::chrono::milliseconds) override { return {}; }
  void on_durable(std::function<void(log::Sequence)> callback) override {
    callbacks_.push_back(std::move(callback));
  }
  std::unique_ptr<log::Reader> reader(log::Sequence from) override {
    return std::make_unique<FakeReader>(*this, from);
  }
  log::Result<log::Sequence> find_time(std::int64_t wall_ns) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < stored_.size(); ++i)
      if (stored_[i].time_ns >= wall_ns) return i + 1;
    return stored_.size() + 1;
  }
  log::Result<log::Cursor> open_cursor(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    return cursors_[std::string(name)];
  }
  void advance(std::string_view name, const log::Cursor& cursor) override {
    const std::lock_guard lock(mutex_);
    cursors_[std::string(name)] = cursor;
  }
  log::Result<void> flush_cursors() override { return {}; }
  const std::string& id() const override { return id_; }
  log::Status status() const override {
    log::Status status;
    status.durable = status.appended = durable();
    return status;
  }
  const log::Recovery& recovery() const override { return recovery_; }
  log::Result<void> close() override { return {}; }

  log::Cursor cursor(std::string_view name) { return *open_cursor(name); }

  bool fail_append = false, fail_read = false;

 private:
  struct Stored {
    std::int64_t time_ns;
    log::Type type;
    std::vector<std::byte> payload;
  };

  class FakeReader : public log::Reader {
   public:
    FakeReader(FakeLog& log, log::Sequence from) : log_(log), next_(from) {}
    log::Result<std::span<const log::Entry>> read(std::size_t max_records, std::size_t max_bytes) override {
      const std::lock_guard lock(log_.mutex_);
      if (log_.fail_read) return log::fail(log::Errc::corrupt);
      entries_.clear();
      payloads_.clear();
      std::size_t bytes = 0;
      while (next_ <= log_.stored_.size() && payloads_.size() < max_records && bytes < max_bytes) {
        payloads_.push_back(log_.stored_[next_ - 1].payload);
        bytes += payloads_.back().size();
        ++next_;
      }
      for (std::size_t i = 0; i < payloads_.size(); ++i) {
        const log::Sequence sequence = next_ - payloads_.size() + i;
        const Stored& stored = log_.stored_[sequence - 1];
        entries_.push_back({sequence, stored.time_ns, stored.type, payloads_[i]});
      }
      return std::span<const log::Entry>(entries_);
    }
    log::Sequence position() const override { return next_; }
    void seek(log::Sequence next) override {
      // As the real one may: what was handed out is gone.
      for (auto& payload : payloads_) std::fill(payload.begin(), payload.end(), std::byte{0xDD});
      next_ = next;
    }

   private:
    FakeLog& log_;
    log::Sequence next_;
    std::vector<std::vector<std::byte>> payloads_;
    std::vector<log::Entry> entries_;
  };

  mutable std::mutex mutex_;
  std::vector<Stored> stored_;
  std::vector<std::function<void(log::Sequence)>> callbacks_;
  std::map<std::string, log::Cursor> cursors_;
  std::string id_ = "0123456789abcdef0123456789abcdef";
  log::Recovery recovery_;
};

}  // namespace weather::bridge
