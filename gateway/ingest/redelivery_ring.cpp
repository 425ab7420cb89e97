#include "gateway/ingest/redelivery_ring.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/log/write_file.hpp"
#include "gateway/ingest/stored_readings.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t entry_bytes = 32, crc_at = 28;

void put_entry(std::byte* to, log::Sequence record, const MessageKey& key, std::uint32_t seed) {
  log::put<std::uint64_t>(to, record);
  log::put<std::uint64_t>(to + 8, key.origin);
  log::put<std::uint64_t>(to + 16, key.payload);
  log::put<std::uint32_t>(to + 24, key.packet_id);
  log::put<std::uint32_t>(to + crc_at, log::crc32c({to, crc_at}, seed));
}

struct RingEntry {
  log::Sequence record = 0;
  MessageKey key;
};

std::optional<RingEntry> entry_at(const std::byte* from, std::uint32_t seed) {
  if (log::get<std::uint32_t>(from + crc_at) != log::crc32c({from, crc_at}, seed)) return std::nullopt;
  return RingEntry{log::get<std::uint64_t>(from),
                   {log::get<std::uint64_t>(from + 8), log::get<std::uint64_t>(from + 16),
                    log::get<std::uint32_t>(from + 24)}};
}

}  // namespace

RedeliveryRing::RedeliveryRing(log::Files& files, log::Log& log, std::filesystem::path path, Tell report,
                               std::size_t records)
    : files_(files),
      log_(log),
      path_(std::move(path)),
      report_(std::move(report)),
      records_(records),
      seed_(log::crc32c(log::bytes_of(log.id()))) {
  if (const auto done = open(); !done) failed(done.error());
}

log::Result<void> RedeliveryRing::open() {
  const auto whole = records_ * entry_bytes;
  auto file = files_.open(path_, log::Mode::write);
  if (file && (*file)->size().value_or(0) == whole) {
    file_ = std::move(*file);
    return {};
  }
  const std::vector<std::byte> empty(whole);
  auto made = log::replace_file(files_, path_, empty);
  if (!made) return log::fail(made.error());
  file_ = std::move(*made);
  return files_.sync_dir(path_.parent_path());
}

std::vector<MessageKey> RedeliveryRing::known() {
  std::vector<std::byte> bytes(records_ * entry_bytes);
  if (file_) bytes.resize(file_->read(0, bytes).value_or(0));
  std::vector<RingEntry> entries;
  const auto from = log::newest_from(log_, records_);
  for (std::size_t at = 0; at + entry_bytes <= bytes.size(); at += entry_bytes)
    if (const auto entry = entry_at(bytes.data() + at, seed_); entry && entry->record >= from)
      entries.push_back(*entry);
  std::ranges::sort(entries, {}, &RingEntry::record);
  std::vector<MessageKey> keys;
  keys.reserve(entries.size());
  for (const auto& entry : entries) keys.push_back(entry.key);
  return keys;
}

void RedeliveryRing::leaving(log::Sequence first) {
  const auto from = std::max(log::newest_from(log_, records_), log_.status().first);
  if (from >= first) return;
  auto done = file_ ? log::Result<void>() : open();
  if (done) done = write(from, first);
  if (done) {
    reported_ = false;
  } else {
    file_.reset();
    failed(done.error());
  }
}

// The file's places from..end-1, at most once around.
log::Result<void> RedeliveryRing::write(log::Sequence from, log::Sequence end) {
  std::vector<std::byte> entries(static_cast<std::size_t>(end - from) * entry_bytes);
  auto done = for_each_stored_reading(
      log_, from,
      [&](const v1::Reading& reading, const log::Entry& entry) {
        if (const auto key = stored_message(reading); key)
          put_entry(entries.data() + (entry.sequence - from) * entry_bytes, entry.sequence, *key, seed_);
      },
      end - 1);
  for (auto at = from; done && at < end;) {
    const auto place = at % records_;
    const auto count = std::min<std::uint64_t>(end - at, records_ - place);
    done = log::write_all(*file_, place * entry_bytes,
                          std::span(entries).subspan((at - from) * entry_bytes, count * entry_bytes));
    at += count;
  }
  if (done) done = file_->sync_data();
  return done;
}

void RedeliveryRing::failed(std::error_code error) {
  if (std::exchange(reported_, true) || !report_) return;
  report_(path_.string() + " cannot be written: " + error.message() +
          "; until it can, a message that a broker sends again after a crash may be stored twice");
}

}  // namespace weather::gateway
