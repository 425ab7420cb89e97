// The messages of the log's newest records, for when those records are gone: a message can be stored, in
// Kafka and no longer in the log, because the disk was full, and yet unacknowledged when the gateway is
// killed. Without this the broker's redelivery would be stored a second time, under a second id.
//
// A file of one entry for each of the newest records, at the place of its number: number, hashes and packet
// id of the message (redelivery_filter.hpp), CRC-32C over these and the log's id; 32 bytes, little-endian.
// It has all its blocks from the beginning: what is written to it when the disk is full needs no room.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "gateway/ingest/redelivery_filter.hpp"

namespace weather::gateway {

class RedeliveryRing {
 public:
  using Tell = std::function<void(const std::string&)>;  // a sentence for people; any thread

  // files and log must outlive it. A file that is missing or short is made.
  RedeliveryRing(log::Files& files, log::Log& log, std::filesystem::path path, Tell report,
                 std::size_t records = RedeliveryFilter::default_capacity);

  // Of the newest records, those that were written here; oldest first. Before leaving() is called.
  std::vector<MessageKey> known();
  // See log::before_leaving. What leaves is read and, as far as a start would look for it, written here and
  // synced.
  void leaving(log::Sequence first);

 private:
  log::Result<void> open();
  log::Result<void> write(log::Sequence from, log::Sequence end);
  void failed(std::error_code error);

  log::Files& files_;
  log::Log& log_;
  const std::filesystem::path path_;
  const Tell report_;
  const std::size_t records_;
  const std::uint32_t seed_;
  std::unique_ptr<log::File> file_;
  bool reported_ = false;
};

}  // namespace weather::gateway
