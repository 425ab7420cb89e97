#include "bridge/log/cursor_set.hpp"

#include <algorithm>
#include <utility>

namespace weather::log {
namespace {

constexpr std::string_view cursor_suffix = ".cur";

}  // namespace

CursorSet::Known& CursorSet::make(const std::string& name) {
  auto& known = cursors_[name];
  known.file = std::make_unique<SlotFile>(
      context_.files, context_.cursors() / (name + std::string(cursor_suffix)), cursor_magic);
  known.holds = std::ranges::count(context_.options.cursors, name) > 0;
  return known;
}

Result<void> CursorSet::load(std::vector<std::string>& reset) {
  const auto names = context_.files.list(context_.cursors());
  if (!names) return fail(names.error());
  for (const auto& file : *names) {
    if (!file.ends_with(cursor_suffix)) continue;
    const auto name = file.substr(0, file.size() - cursor_suffix.size());
    if (!valid_cursor_name(name)) continue;
    auto& known = make(name);
    const auto loaded = known.file->load();
    if (!loaded && loaded.error() == Errc::newer) return fail(Errc::newer);
    if (!loaded || loaded->log != context_.id) {
      reset.push_back(name);
      cursors_.erase(name);
      continue;
    }
    known.slot = decode_cursor(loaded->payload());
    known.saved = known.slot.cursor;
    known.on_card = true;
    proven_ = std::max({proven_, known.slot.durable, known.slot.cursor.next - 1});
  }
  return {};
}

Sequence CursorSet::proven() const {
  return proven_;
}

Result<Cursor> CursorSet::open(std::string_view name, Sequence first) {
  if (!valid_cursor_name(name)) return fail(Errc::invalid);
  const std::lock_guard lock(mutex_);
  if (const auto found = cursors_.find(name); found != cursors_.end()) return found->second.slot.cursor;
  auto& known = make(std::string(name));
  known.slot.cursor.next = first;
  known.slot.born = first;
  known.saved = known.slot.cursor;
  return known.slot.cursor;
}

bool CursorSet::advance(std::string_view name, const Cursor& cursor) {
  const std::lock_guard lock(mutex_);
  const auto found = cursors_.find(name);
  if (found == cursors_.end()) return false;
  found->second.slot.cursor = cursor;
  return true;
}

bool CursorSet::dirty() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(cursors_, [](const auto& item) {
    return !item.second.on_card || item.second.slot.cursor != item.second.saved;
  });
}

std::uint64_t CursorSet::unsaved_records() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t most = 0;
  for (const auto& [name, known] : cursors_) {
    const auto next = known.slot.cursor.next;
    most = std::max(most, next > known.saved.next ? next - known.saved.next : known.saved.next - next);
  }
  return most;
}

Result<void> CursorSet::save(Sequence durable, std::vector<CursorMove>& moves) {
  struct Job {
    const std::string* name;
    Known* known;
    CursorSlot slot;
  };
  std::vector<Job> jobs;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, known] : cursors_) {
      if (known.on_card && known.slot.cursor == known.saved) continue;
      known.slot.durable = durable;
      known.slot.written_ns = context_.clock.wall_ns();
      jobs.push_back({&name, &known, known.slot});
    }
  }
  Result<void> result;
  for (auto& job : jobs) {  // map nodes stay where they are, and only the log thread uses the files
    SlotBlock block{};
    encode_cursor(job.slot, std::span(block).subspan<slot_header_bytes>());
    if (auto stored = job.known->file->store(context_.id, block); !stored) {
      result = stored;
      continue;
    }
    const std::lock_guard lock(mutex_);
    const auto& before = job.known->saved;
    const auto& now = job.slot.cursor;
    if (job.known->holds && now.next > before.next && now.dropped >= before.dropped)
      moves.push_back({*job.name, before.next, now.next, now.dropped - before.dropped});
    job.known->saved = job.slot.cursor;
    job.known->on_card = true;
  }
  return result;
}

Sequence CursorSet::held_from() const {
  const std::lock_guard lock(mutex_);
  Sequence lowest = ~Sequence{0};
  for (const auto& [name, known] : cursors_) {
    if (known.holds) lowest = std::min(lowest, known.saved.next);
  }
  return lowest;
}

DropCount::Positions CursorSet::holding() const {
  const std::lock_guard lock(mutex_);
  DropCount::Positions positions;
  for (const auto& [name, known] : cursors_) {
    if (known.holds) positions[name] = known.saved.next;
  }
  return positions;
}

Sequence CursorSet::lowest_saved() const {
  const std::lock_guard lock(mutex_);
  Sequence lowest = ~Sequence{0};
  for (const auto& [name, known] : cursors_) lowest = std::min(lowest, known.saved.next);
  return lowest;
}

}  // namespace weather::log
