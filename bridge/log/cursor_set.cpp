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
    if (!loaded && loaded.error() == Errc::newer) return fail(loaded.error());
    if (!loaded || loaded->log != context_.id) {
      reset.push_back(name);
      cursors_.erase(name);
      continue;
    }
    known.slot = decode_cursor(loaded->payload());
    known.saved = known.slot.cursor;
    known.saved_turn = known.safe_turn = known.slot.turn;
    known.safe_next = known.saved.next;
    known.on_card = true;
    proven_ = std::max({proven_, known.slot.durable, known.slot.cursor.next - 1});
  }
  return {};
}

void CursorSet::restore(std::span<const Position> positions) {
  for (const auto& position : positions) {
    const auto found = cursors_.find(position.name);
    if (found == cursors_.end() || position.turn <= found->second.slot.turn) continue;
    auto& known = found->second;
    known.slot.cursor = position.cursor;
    known.slot.turn = known.safe_turn = position.turn;
    known.safe_next = position.cursor.next;
  }
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
  known.safe_next = first;
  return known.slot.cursor;
}

bool CursorSet::advance(std::string_view name, const Cursor& cursor) {
  const std::lock_guard lock(mutex_);
  const auto found = cursors_.find(name);
  if (found == cursors_.end()) return false;
  auto& slot = found->second.slot;
  if (slot.cursor == cursor) return true;
  slot.cursor = cursor;
  ++slot.turn;
  return true;
}

std::size_t CursorSet::carry(const FrameHeader& header, std::span<std::byte> room) {
  const std::lock_guard lock(mutex_);
  std::vector<Position> positions;
  for (const auto& [name, known] : cursors_) {
    if (known.on_card && known.file_behind()) positions.push_back({name, known.slot.turn, known.slot.cursor});
  }
  if (positions.empty()) return 0;
  std::vector<bool> fit;
  const auto used = encode_positions(positions, header, context_.seed, room, fit);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (!fit[i]) continue;
    auto& known = cursors_.find(positions[i].name)->second;
    known.carried_turn = positions[i].turn;
    known.carried_next = positions[i].cursor.next;
  }
  return used;
}

void CursorSet::carried() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, known] : cursors_) {
    if (known.carried_turn <= known.safe_turn) continue;
    known.safe_turn = known.carried_turn;
    known.safe_next = known.carried_next;
  }
}

void CursorSet::not_carried() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, known] : cursors_) known.carried_turn = 0;
}

bool CursorSet::dirty() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(cursors_, [](const auto& item) {
    return !item.second.on_card || item.second.slot.turn != item.second.safe_turn;
  });
}

bool CursorSet::files_behind() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(cursors_, [](const auto& item) { return item.second.file_behind(); });
}

std::uint64_t CursorSet::unsaved_records() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t most = 0;
  for (const auto& [name, known] : cursors_) {
    if (known.slot.turn == known.safe_turn) continue;
    const auto next = known.slot.cursor.next;
    most = std::max(most, next > known.safe_next ? next - known.safe_next : known.safe_next - next);
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
      if (!known.file_behind()) continue;
      known.slot.durable = durable;
      known.slot.written_ns = context_.clock.wall_ns();
      jobs.push_back({&name, &known, known.slot});
    }
  }
  Result<void> result;
  for (auto& job : jobs) {  // map nodes stay where they are, and only the log thread uses the files
    SlotBlock block{};
    encode_cursor(job.slot, std::span(block).subspan<slot_header_bytes>());
    if (auto stored = job.known->file->store(context_.id, block, context_.format); !stored) {
      result = stored;
      continue;
    }
    const std::lock_guard lock(mutex_);
    const auto& before = job.known->saved;
    const auto& now = job.slot.cursor;
    if (job.known->holds && now.next > before.next && now.dropped >= before.dropped)
      moves.push_back({*job.name, before.next, now.next, now.dropped - before.dropped});
    job.known->saved = job.slot.cursor;
    job.known->saved_turn = job.slot.turn;
    if (job.slot.turn >= job.known->safe_turn) {
      job.known->safe_turn = job.slot.turn;
      job.known->safe_next = job.slot.cursor.next;
    }
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

Sequence CursorSet::held_from_now() const {
  const std::lock_guard lock(mutex_);
  Sequence lowest = ~Sequence{0};
  for (const auto& [name, known] : cursors_) {
    if (known.holds) lowest = std::min(lowest, known.slot.cursor.next);
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
