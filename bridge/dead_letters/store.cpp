#include "bridge/dead_letters/store.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <span>
#include <utility>

#include "bridge/dead_letters/dead_letter.pb.h"

namespace weather::bridge {
namespace {

constexpr std::string_view cursor_name = "open";
constexpr std::size_t records_per_read = 256;
constexpr std::size_t bytes_per_read = 256U << 10;
// Twice the largest record of a log, so that a dead_letter with one and its reason fits.
constexpr std::uint64_t segment_bytes = 2U << 20;

store::DeadLetterEntry to_entry(const DeadLetter& dead_letter) {
  store::DeadLetterEntry entry;
  auto& stored = *entry.mutable_letter();
  stored.set_route(dead_letter.route);
  stored.set_topic(dead_letter.topic);
  stored.set_event_id(dead_letter.event_id);
  stored.set_sequence(dead_letter.sequence);
  stored.set_time_ns(dead_letter.time_ns);
  stored.set_appended_ns(dead_letter.appended_ns);
  stored.set_attempts(dead_letter.attempts);
  stored.set_reason(dead_letter.reason);
  stored.set_error(dead_letter.error);
  stored.set_payload(dead_letter.payload);
  stored.set_type(static_cast<std::uint32_t>(dead_letter.type));
  stored.set_left_out(dead_letter.left_out_bytes);
  return entry;
}

DeadLetter from_stored(std::uint64_t id, const store::StoredLetter& stored, bool with_payload) {
  DeadLetter dead_letter;
  dead_letter.id = id;
  dead_letter.route = stored.route();
  dead_letter.topic = stored.topic();
  dead_letter.event_id = stored.event_id();
  dead_letter.sequence = stored.sequence();
  dead_letter.time_ns = stored.time_ns();
  dead_letter.appended_ns = stored.appended_ns();
  dead_letter.attempts = stored.attempts();
  dead_letter.reason = stored.reason();
  dead_letter.error = stored.error();
  dead_letter.type = static_cast<log::Type>(stored.type());
  dead_letter.left_out_bytes = stored.left_out();
  if (with_payload) dead_letter.payload = stored.payload();
  return dead_letter;
}

}  // namespace

struct DeadLetters::Impl {
  std::unique_ptr<log::Log> entries;
  log::Cursor cursor;
  std::set<std::uint64_t> open;  // ids without a fate
  std::uint64_t lost = 0;

  explicit Impl(std::unique_ptr<log::Log> opened) : entries(std::move(opened)) {}

  // Calls visit(id, entry) for every entry from `from` on, until it returns false.
  template <class Visit>
  log::Result<void> scan(log::Sequence from, const Visit& visit) const {
    const auto reader = entries->reader(from);
    store::DeadLetterEntry entry;
    while (true) {
      const auto batch = reader->read(records_per_read, bytes_per_read);
      if (!batch) return tl::unexpected(batch.error());
      if (batch->empty()) return {};
      for (const auto& record : *batch) {
        if (record.type != log::Type::reading) continue;
        if (!entry.ParseFromArray(record.payload.data(), static_cast<int>(record.payload.size()))) continue;
        if (!visit(record.sequence, entry)) return {};
      }
    }
  }

  log::Result<void> load() {
    auto opened = entries->open_cursor(cursor_name);
    if (!opened) return tl::unexpected(opened.error());
    cursor = *opened;
    return scan(cursor.next, [this](std::uint64_t id, const store::DeadLetterEntry& entry) {
      if (entry.has_letter()) open.insert(id);
      if (entry.has_settlement()) open.erase(entry.settlement().id());
      return true;
    });
  }

  log::Result<std::uint64_t> append(const store::DeadLetterEntry& entry, std::int64_t time_ns) {
    const std::string bytes = entry.SerializeAsString();
    const log::Record record{time_ns, log::Type::reading, std::as_bytes(std::span(bytes))};
    return entries->append({&record, 1}, log::Wait::now);
  }

  // Everything before the first open dead_letter may be reclaimed.
  void move_cursor() {
    cursor.next = open.empty() ? entries->durable() + 1 : *open.begin();
    entries->advance(cursor_name, cursor);
  }

  // What the store dropped to make room.
  void forget_dropped() {
    const log::Sequence first = entries->status().first;
    const auto end = open.lower_bound(first);
    lost += static_cast<std::uint64_t>(std::distance(open.begin(), end));
    open.erase(open.begin(), end);
  }
};

DeadLetters::DeadLetters(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DeadLetters::~DeadLetters() {
  (void)impl_->entries->close();  // what is not durable here still has no fate in the main log
}

bool DeadLetters::exists(const std::filesystem::path& dir) {
  std::error_code error;
  return std::filesystem::is_directory(dir, error);
}

log::Result<std::unique_ptr<DeadLetters>> DeadLetters::open(const std::filesystem::path& dir,
                                                            std::uint64_t max_bytes, log::Files& files,
                                                            log::Clock& clock,
                                                            std::function<log::Room()> yields_to,
                                                            bool keep_format) {
  log::Options options;
  options.dir = dir;
  options.segment_bytes = segment_bytes;
  options.max_bytes = max_bytes;
  options.on_full = log::OnFull::drop_oldest;
  options.yields_to = std::move(yields_to);
  options.max_pending_bytes = 2U << 20;
  options.cursors = {std::string(cursor_name)};
  options.keep_format = keep_format;
  auto store = log::Log::open(options, files, clock);
  if (!store) return tl::unexpected(store.error());
  return over(std::move(*store));
}

log::Result<std::unique_ptr<DeadLetters>> DeadLetters::over(std::unique_ptr<log::Log> store) {
  auto impl = std::make_unique<Impl>(std::move(store));
  if (auto loaded = impl->load(); !loaded) return tl::unexpected(loaded.error());
  return std::unique_ptr<DeadLetters>(new DeadLetters(std::move(impl)));
}

log::Result<std::uint64_t> DeadLetters::add(const DeadLetter& dead_letter) {
  auto id = impl_->append(to_entry(dead_letter), dead_letter.time_ns);
  if (!id && id.error() == log::Errc::too_large) {
    DeadLetter without = dead_letter;
    without.left_out_bytes = dead_letter.payload.size();
    without.payload.clear();
    id = impl_->append(to_entry(without), dead_letter.time_ns);
  }
  if (id) impl_->open.insert(*id);
  return id;
}

std::uint64_t DeadLetters::durable() const {
  return impl_->entries->durable();
}
std::string DeadLetters::trouble() const {
  const auto now = impl_->entries->status();
  return now.writable ? std::string() : now.reason;
}

void DeadLetters::on_durable(std::function<void(std::uint64_t)> callback) {
  impl_->entries->on_durable(std::move(callback));
}

log::Result<std::vector<DeadLetter>> DeadLetters::list(std::size_t limit) const {
  impl_->forget_dropped();
  std::deque<DeadLetter> newest;
  const auto scanned =
      impl_->scan(impl_->cursor.next, [&](std::uint64_t id, const store::DeadLetterEntry& entry) {
        if (entry.has_letter() && impl_->open.count(id) != 0) {
          newest.push_front(from_stored(id, entry.letter(), false));
          if (newest.size() > limit) newest.pop_back();
        }
        return true;
      });
  if (!scanned) return tl::unexpected(scanned.error());
  return std::vector<DeadLetter>(std::make_move_iterator(newest.begin()),
                                 std::make_move_iterator(newest.end()));
}

log::Result<DeadLetter> DeadLetters::show(std::uint64_t id) const {
  log::Result<DeadLetter> found = log::fail(log::Errc::not_found);
  if (impl_->open.count(id) == 0) return found;
  const auto scanned = impl_->scan(id, [&](std::uint64_t at, const store::DeadLetterEntry& entry) {
    if (at == id && entry.has_letter()) found = from_stored(id, entry.letter(), true);
    return false;
  });
  if (!scanned) return tl::unexpected(scanned.error());
  return found;
}

log::Result<void> DeadLetters::settle(std::uint64_t id, bool delivered) {
  if (impl_->open.count(id) == 0) return log::fail(log::Errc::not_found);
  store::DeadLetterEntry entry;
  entry.mutable_settlement()->set_id(id);
  entry.mutable_settlement()->set_delivered(delivered);
  const auto sequence = impl_->append(entry, 0);
  if (!sequence) return tl::unexpected(sequence.error());
  impl_->open.erase(id);
  impl_->move_cursor();
  return {};
}

std::uint64_t DeadLetters::count() const {
  impl_->forget_dropped();
  return impl_->open.size();
}

std::uint64_t DeadLetters::lost() const {
  impl_->forget_dropped();
  return impl_->lost;
}

}  // namespace weather::bridge
