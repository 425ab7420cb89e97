// The log's thread is whoever pumps the list that its logs are in.
#pragma once

#include <memory>
#include <vector>

#include "bridge/log/manual.hpp"

namespace weather::sim {

// A log without its thread, in a list of those to be pumped as long as it is open.
class PumpedLog final : public log::Log {
 public:
  PumpedLog(std::unique_ptr<log::ManualLog> log, std::vector<log::ManualLog*>& logs)
      : log_(std::move(log)), logs_(logs) {
    logs_.push_back(log_.get());
  }
  ~PumpedLog() override { std::erase(logs_, log_.get()); }

  log::Result<log::Sequence> append(std::span<const log::Record> records, log::Wait wait) override {
    return log_->append(records, wait);
  }
  log::Result<log::Mark> count_refused(std::span<const log::Record> records, log::Wait wait) override {
    return log_->count_refused(records, wait);
  }
  log::Sequence durable() const override { return log_->durable(); }
  log::Mark durable_mark() const override { return log_->durable_mark(); }
  void hurry() override { log_->hurry(); }
  log::Result<void> wait_durable(log::Mark mark, std::chrono::milliseconds timeout) override {
    return log_->wait_durable(mark, timeout);
  }
  void on_durable(std::function<void(log::Sequence)> callback) override {
    log_->on_durable(std::move(callback));
  }
  std::unique_ptr<log::Reader> reader(log::Sequence from) override { return log_->reader(from); }
  log::Result<log::Sequence> find_time(std::int64_t wall_ns) override { return log_->find_time(wall_ns); }
  log::Result<log::Cursor> open_cursor(std::string_view name) override { return log_->open_cursor(name); }
  void advance(std::string_view name, const log::Cursor& cursor) override { log_->advance(name, cursor); }
  log::Result<void> flush_cursors() override { return log_->flush_cursors(); }
  const std::string& id() const override { return log_->id(); }
  log::Status status() const override { return log_->status(); }
  const log::Recovery& recovery() const override { return log_->recovery(); }
  log::Result<void> close() override { return log_->close(); }

 private:
  std::unique_ptr<log::ManualLog> log_;
  std::vector<log::ManualLog*>& logs_;
};

}  // namespace weather::sim
