// Records that can never reach Kafka, kept on the card with the reason until a person decides. A log of its
// own beside the main one, bounded; the oldest go first when it is full, and that is counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/log/result.hpp"

namespace weather::log {
class Clock;
class Files;
class Log;
}  // namespace weather::log

namespace weather::bridge {

struct DeadLetter {
  std::uint64_t id = 0;  // in the dead letter store; what a person types
  std::string route, topic;
  std::string event_id;          // "<log id>-<sequence>": what ce_id was and will be
  std::uint64_t sequence = 0;    // in the main log
  std::int64_t time_ns = 0;      // when it was given up, wall clock
  std::int64_t appended_ns = 0;  // when the reading entered the main log
  std::uint32_t attempts = 0;
  std::string reason;   // short and fixed, for counters: "undecodable", "too_large", "invalid_record"
  std::string error;    // in words
  std::string payload;  // the record as the main log had it (a serialised weather.v1.Reading)
};

// One thread at a time. Works on the store of a stopped gateway; a running one holds its lock.
class DeadLetters {
 public:
  // Nothing is created on disk before the first add().
  static log::Result<std::unique_ptr<DeadLetters>> open(const std::filesystem::path& dir,
                                                        std::uint64_t max_bytes, log::Files& files,
                                                        log::Clock& clock);
  ~DeadLetters();

  // Durable when it returns: blocks for one fdatasync.
  log::Result<std::uint64_t> add(const DeadLetter& letter);
  // Newest first, without payloads; at most `limit`.
  log::Result<std::vector<DeadLetter>> list(std::size_t limit) const;
  log::Result<DeadLetter> show(std::uint64_t id) const;  // Errc::not_found
  // The letter has a fate: delivered after all, or dropped by a person.
  log::Result<void> settle(std::uint64_t id, bool delivered);
  std::uint64_t count() const;  // still open

 private:
  struct Impl;
  explicit DeadLetters(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::bridge
