#include "gateway/ingest/position_file.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "bridge/log/bytes.hpp"
#include "gateway/ingest/beside_log_file.hpp"
#include "gateway/ingest/stored_readings.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/sources/file_match.hpp"

namespace weather::gateway {
namespace {

using sensors::FilePosition;

constexpr std::string_view positions_magic = "GWFILEP1";
constexpr std::chrono::milliseconds patience{1500};  // a source stops within two seconds
constexpr std::uint64_t needs_nothing = std::numeric_limits<std::uint64_t>::max();

void add_number(std::string& to, std::uint64_t number) {
  std::byte bytes[log::max_varint_bytes];
  const auto* end = log::put_varint(bytes, number);
  to.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(end - bytes));
}

FilePosition position_of(const v1::FilePosition& file) {
  return {file.device(), file.inode(), file.offset(), file.head(), file.tail()};
}

// The last one is the newest of all; of the others the newest of a file stands behind what the log tells of
// the same file, and whatever is older before all of that.
void add_in_order(std::vector<FilePosition>& known, const std::vector<FilePosition>& files) {
  std::set<std::uint64_t> newer;  // inodes
  std::vector<bool> newest(files.size());
  for (std::size_t i = files.size(); i-- > 0;) newest[i] = newer.insert(files[i].inode).second;
  std::ptrdiff_t older = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& one = files[i];
    const auto from_log = std::make_reverse_iterator(known.begin() + older);
    const auto same =
        std::find_if(known.rbegin(), from_log, [&](const auto& other) { return other.inode == one.inode; });
    if (!known.empty() && known.back() == one) continue;
    if (i + 1 == files.size())
      known.push_back(one);
    else if (!newest[i] || same == from_log)
      known.insert(known.begin() + older++, one);
    else if (*same != one)
      known.insert(same.base(), one);
  }
}

}  // namespace

PositionFile::PositionFile(log::Files& files, log::Log& log, PositionFileOptions options, Tell report)
    : files_(files), log_(log), options_(std::move(options)), report_(std::move(report)) {
  if (const auto done = load(); !done && done.error() != log::Errc::not_found) {
    sources_.clear();
    if (report_)
      report_(options_.path.string() + ": " + done.error().message() +
              "; how far files were read is taken from the log");
  }
}

// The lock is not held while the log is read: another source may stand somewhere meanwhile.
std::vector<FilePosition> PositionFile::known(std::string_view name, const std::atomic<bool>& stop) {
  for (;;)
    if (auto known = known_once(name, stop)) return std::move(*known);
}

// None: what it read was leaving the log meanwhile, and is in the file now.
std::optional<std::vector<FilePosition>> PositionFile::known_once(std::string_view name,
                                                                  const std::atomic<bool>& stop) {
  Source before;
  {
    const std::lock_guard lock(mutex_);
    auto& source = sources_[std::string(name)];
    source.needing = true;
    before = source;
    options_.needs_from(name, before.upto + 1);
  }
  const auto appended = log_.status().appended;
  const auto from = std::min(before.upto + 1, log::newest_from(log_, options_.records));
  Positions known;
  bool older_added = false;
  const auto add_older = [&](std::uint64_t record) {
    if (record <= before.upto || std::exchange(older_added, true)) return;
    add_in_order(known, before.files);
  };
  const auto read = for_each_stored_reading(
      log_, from,
      [&](const v1::Reading& reading, const log::Entry& entry) {
        const auto& arrival = reading.arrival();
        if (!arrival.has_file() || arrival.source() != name) return;
        add_older(entry.sequence);
        const auto file = position_of(arrival.file());
        if (known.empty() || known.back() != file) known.push_back(file);
      },
      appended, stop);
  add_older(before.upto + 1);
  {
    const std::lock_guard lock(mutex_);
    auto& source = sources_[std::string(name)];
    if (source.upto != before.upto) return std::nullopt;
    source.newest = known.empty() ? FilePosition{} : known.back();
    source.newest_upto = appended;
    if (!read && report_)
      report_("the newest records of the log cannot be read: " + read.error().message() + "; lines of " +
              std::string(name) + " may be stored twice");
  }
  add_in_order(known, before.latest);
  return known;
}

void PositionFile::stands(std::string_view name, std::span<const FilePosition> files, sensors::Ticket last,
                          bool leaving) {
  std::unique_lock lock(mutex_);
  auto& source = sources_[std::string(name)];
  source.latest.assign(files.begin(), files.end());
  if (leaving ? source.moved(last) : due(source)) {
    const auto status = log_.status();
    // Only what is durable in the log may be said of it. Who waits for that may be the one who lets records
    // leave.
    lock.unlock();
    const auto durable = log_.wait_durable({status.appended, last.refused}, patience);
    lock.lock();
    if (!durable || !keep(source, status)) return;
  }
  source.needing = !leaving;
  options_.needs_from(name, leaving ? needs_nothing : source.upto + 1);
}

// As after a start: of the sources that need what leaves, what it tells becomes the file's.
void PositionFile::leaving(log::Sequence first) {
  const std::lock_guard lock(mutex_);
  std::map<std::string_view, Positions> reported;
  auto from = first;
  for (const auto& [name, source] : sources_)
    if (source.needing && source.upto + 1 < first) {
      reported.emplace(name, Positions());
      from = std::min(from, source.upto + 1);
    }
  if (reported.empty()) return;
  const auto read = for_each_stored_reading(
      log_, std::max(from, log_.status().first),
      [&](const v1::Reading& reading, const log::Entry& entry) {
        const auto& arrival = reading.arrival();
        const auto of = reported.find(arrival.source());
        if (arrival.has_file() && of != reported.end() &&
            entry.sequence > sources_.find(of->first)->second.upto)
          of->second.push_back(position_of(arrival.file()));
      },
      first - 1);
  if (!read) return failed(read.error());
  bool moved = false;
  for (auto& [name, known] : reported) {
    auto& source = sources_.find(name)->second;
    source.upto = first - 1;
    if (known.empty()) continue;
    source.files.insert(source.files.end(), known.begin(), known.end());
    source.files = sensors::newest_of_each(source.files, source.files.size());
    moved = true;
  }
  if (!moved) return;
  if (const auto done = save(); !done) failed(done.error());
}

bool PositionFile::due(const Source& source) const {
  const auto log = log_.status();
  return log.durable - std::min(source.upto, log.durable) >= options_.records ||
         log.first > source.upto + 1 ||
         (log.max_bytes > 0 && log.written_bytes - source.written_bytes >= log.max_bytes / 8);
}

// The log is durable as far as it was appended.
bool PositionFile::keep(Source& source, const log::Status& log) {
  auto before = source;
  source.files = source.latest;
  source.upto = std::max(source.upto, log.appended);
  source.written_bytes = log.written_bytes;
  source.newest = source.latest.empty() ? FilePosition{} : source.latest.back();
  source.newest_upto = log.appended;
  if (const auto done = save(); !done) {
    before.latest = std::move(source.latest);
    source = std::move(before);
    failed(done.error());
    return false;
  }
  reported_ = false;
  return true;
}

void PositionFile::failed(std::error_code error) {
  if (std::exchange(reported_, true) || !report_) return;
  report_(options_.path.string() + " cannot be written: " + error.message() +
          "; until it can, how far files were read is in the log only");
}

log::Result<void> PositionFile::load() {
  const auto body = read_beside_log(files_, options_.path, positions_magic, log_.id());
  if (!body) return log::fail(body.error());
  for (log::VarintReader fields(log::bytes_of(*body)); !fields.done();) {
    auto name = fields.text(fields.number());
    Source source;
    // What a card lost of the log in the meantime is the log's to tell; its numbers are not given again.
    source.upto = fields.number();
    for (auto left = fields.number(); left > 0 && !fields.failed(); --left) {
      FilePosition one;
      one.device = fields.number();
      one.inode = fields.number();
      one.offset = fields.number();
      one.head = static_cast<std::uint32_t>(fields.number());
      one.tail = static_cast<std::uint32_t>(fields.number());
      source.files.push_back(one);
    }
    if (fields.failed()) return log::fail(log::Errc::corrupt);
    sources_.emplace(std::move(name), std::move(source));
  }
  return {};
}

log::Result<void> PositionFile::save() {
  std::string body;
  for (const auto& [name, source] : sources_) {
    if (source.upto == 0 && source.files.empty()) continue;
    add_number(body, name.size());
    body += name;
    add_number(body, source.upto);
    add_number(body, source.files.size());
    for (const auto& one : source.files)
      for (const auto number :
           {one.device, one.inode, one.offset, std::uint64_t{one.head}, std::uint64_t{one.tail}})
        add_number(body, number);
  }
  return write_beside_log(files_, options_.path, positions_magic, log_.id(), body);
}

}  // namespace weather::gateway
