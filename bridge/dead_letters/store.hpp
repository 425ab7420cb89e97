// Records that can never reach Kafka, kept on the card with the reason until a person decides. A log of its
// own beside the main one, bounded; the oldest go first when it is full, and that is counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"

namespace weather::bridge {

struct DeadLetter {
  std::uint64_t id = 0;  // in the dead letter store; what a person types
  std::string route, topic;
  std::string event_id;          // "<log id>-<sequence>": what ce_id was and will be
  std::uint64_t sequence = 0;    // in the main log
  std::int64_t time_ns = 0;      // when it was given up, wall clock
  std::int64_t appended_ns = 0;  // when the reading entered the main log
  std::uint32_t attempts = 0;
  std::string reason;  // short and fixed, for counters: "undecodable", "too_large", "invalid_record"
  std::string error;   // in words
  log::Type type = log::Type::reading;
  std::string payload;               // as the main log had it (of a reading: a serialised weather.v1.Reading)
  std::uint64_t left_out_bytes = 0;  // of a payload larger than the store takes: it is not kept
};

// One thread at a time. The store of a running gateway is locked: other processes get Errc::locked.
class DeadLetters {
 public:
  // Creates the store if there is none. yields_to: the room of the main log in the same file system; what
  // cannot be delivered at all never takes it from a reading that can be.
  static log::Result<std::unique_ptr<DeadLetters>> open(const std::filesystem::path& dir,
                                                        std::uint64_t max_bytes, log::Files& files,
                                                        log::Clock& clock,
                                                        std::function<log::Room()> yields_to = {},
                                                        bool keep_format = false);
  // Whether there is a store to open.
  static bool exists(const std::filesystem::path& dir);

  // Over a log that is open already.
  static log::Result<std::unique_ptr<DeadLetters>> over(std::unique_ptr<log::Log> store);
  ~DeadLetters();

  // Returns the dead_letter's id; it is safe once durable() has reached it. Of a record that is larger than
  // the store takes only the dead_letter is kept: nothing behind it may wait.
  log::Result<std::uint64_t> add(const DeadLetter& dead_letter);
  std::uint64_t durable() const;
  // Called on the store's own thread with the new durable(); must return at once. Set once, before add().
  void on_durable(std::function<void(std::uint64_t)> callback);

  // Newest first, without payloads; at most `limit`.
  log::Result<std::vector<DeadLetter>> list(std::size_t limit) const;
  log::Result<DeadLetter> show(std::uint64_t id) const;  // Errc::not_found
  // The dead_letter has a fate: delivered after all, or dropped by a person. Durable soon; after a power cut
  // before that it is open again, and a second delivery has the same id.
  log::Result<void> settle(std::uint64_t id, bool delivered);
  std::uint64_t count() const;  // still open
  std::string trouble() const;  // why nothing becomes durable now; empty: it does
  std::uint64_t lost() const;   // letters that made room for newer ones

 private:
  struct Impl;
  explicit DeadLetters(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::bridge
