// A log in memory: what is appended is durable when the test says so.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"

namespace weather::gateway {

struct Stored {
  log::Sequence sequence = 0;
  log::Type type = log::Type::reading;
  std::string payload;
  std::size_t frame = 0;  // records of one append share it
};

class FakeLog final : public log::Log {
 public:
  log::Result<log::Sequence> append(std::span<const log::Record> records, log::Wait wait) override {
    if (refuse) return tl::unexpected(refuse);
    if (records.size() > most_records) return log::fail(log::Errc::too_large);
    waits.push_back(wait);
    for (const auto& record : records) {
      const auto* bytes = reinterpret_cast<const char*>(record.payload.data());
      stored.push_back(
          {stored.size() + 1, record.type, std::string(bytes, record.payload.size()), waits.size()});
    }
    if (durable_at_once) make_durable();
    return stored.size();
  }
  void make_durable() {
    durable_ = stored.size();
    for (const auto& callback : callbacks_) callback(durable_);
  }

  log::Sequence durable() const override { return durable_; }
  log::Result<log::Mark> count_refused(std::span<const log::Record> records, log::Wait) override {
    refused += records.size();
    return log::Mark{stored.size(), refused};
  }
  log::Mark durable_mark() const override { return {durable_, counted}; }
  void hurry() override { ++hurries; }
  log::Result<void> wait_durable(log::Mark mark, std::chrono::milliseconds) override {
    if (mark <= durable_mark()) return {};
    return log::fail(log::Errc::timed_out);
  }
  void on_durable(std::function<void(log::Sequence)> callback) override {
    callbacks_.push_back(std::move(callback));
  }
  std::unique_ptr<log::Reader> reader(log::Sequence from) override {
    return std::make_unique<FakeReader>(*this, from);
  }
  log::Result<log::Sequence> find_time(std::int64_t) override { return 1; }
  log::Result<log::Cursor> open_cursor(std::string_view) override { return log::Cursor{}; }
  void advance(std::string_view, const log::Cursor&) override {}
  log::Result<void> flush_cursors() override { return {}; }
  const std::string& id() const override { return id_; }
  log::Status status() const override {
    log::Status status;
    status.appended = stored.size();
    status.durable = durable_;
    return status;
  }
  const log::Recovery& recovery() const override { return recovery_; }
  log::Result<void> close() override { return {}; }

  std::vector<Stored> stored;
  std::vector<log::Wait> waits;
  int hurries = 0;
  std::error_code refuse;
  std::uint64_t refused = 0, counted = 0;  // of count_refused, and how many of them are safe
  std::size_t most_records = 100;          // one append takes
  bool durable_at_once = true;

 private:
  class FakeReader final : public log::Reader {
   public:
    FakeReader(const FakeLog& log, log::Sequence from) : log_(log), next_(from) {}
    log::Result<std::span<const log::Entry>> read(std::size_t max_records, std::size_t) override {
      entries_.clear();
      for (; next_ <= log_.durable_ && entries_.size() < max_records; ++next_) {
        const auto& stored = log_.stored[next_ - 1];
        entries_.push_back({stored.sequence, 0, stored.type, std::as_bytes(std::span(stored.payload))});
      }
      return entries_;
    }
    log::Sequence position() const override { return next_; }
    void seek(log::Sequence next) override { next_ = next; }

   private:
    const FakeLog& log_;
    log::Sequence next_;
    std::vector<log::Entry> entries_;
  };

  log::Sequence durable_ = 0;
  std::vector<std::function<void(log::Sequence)>> callbacks_;
  std::string id_ = "00112233445566778899aabbccddeeff";
  log::Recovery recovery_;
};

}  // namespace weather::gateway
