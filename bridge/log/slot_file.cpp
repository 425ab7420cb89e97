#include "bridge/log/slot_file.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weather::log {

SlotFile::SlotFile(Files& files, std::filesystem::path path, std::string_view magic)
    : files_(files), path_(std::move(path)), magic_(magic) {}

Result<SlotFile::Loaded> SlotFile::load() {
  auto file = files_.open(path_, Mode::read);
  if (!file) {
    if (file.error() == std::errc::no_such_file_or_directory) return fail(Errc::not_found);
    return fail(file.error());
  }
  // As with the last segment: what a failed sync of a killed process left in the cache is not on the card,
  // and nothing may be given up because of it.
  if ((*file)->sync_data()) (*file)->drop_cached();
  Loaded best;
  bool found = false;
  for (std::uint64_t i = 0; i < 2; ++i) {
    SlotBlock block{};
    const auto read = (*file)->read(i * block_bytes, block);
    // An unreadable block is a damaged slot: the other one counts.
    const auto slot =
        read && *read == block_bytes ? open_slot(magic_, block) : Result<Slot>(fail(Errc::corrupt));
    if (!slot && slot.error() == Errc::newer) return fail((*file)->error_at(Errc::newer, i * block_bytes));
    if (!slot) {
      best.other_damaged = true;
      best.damaged_at = i * block_bytes;
    } else if (!found || slot->generation > generation_) {
      best.block = block;
      best.format = slot->format;
      best.log = slot->log;
      generation_ = slot->generation;
      found = true;
    }
  }
  if (!found) return fail((*file)->error_at(Errc::corrupt, 0));
  return best;
}

Result<void> SlotFile::store(const LogId& log, SlotBlock& block, std::uint16_t format) {
  if (!file_ && generation_ > 0) {
    if (auto file = files_.open(path_, Mode::write)) file_ = std::move(*file);
  }
  if (!file_) return replace(log, block, format);
  seal_slot(magic_, log, generation_ + 1, block, format);
  auto done = write_all(*file_, (generation_ + 1) % 2 * block_bytes, block);
  if (done) done = file_->sync_data();
  if (!done) {
    // What is in that slot now is unknown. The other slot still holds the last state: leave this file alone.
    file_.reset();
    generation_ = 0;
    return done;
  }
  ++generation_;
  return {};
}

Result<void> SlotFile::replace(const LogId& log, SlotBlock& block, std::uint16_t format) {
  generation_ = 0;
  seal_slot(magic_, log, 1, block, format);
  std::array<std::byte, 2 * block_bytes> both;
  std::ranges::copy(block, std::ranges::copy(block, both.begin()).out);
  auto file = replace_file(files_, path_, both);
  if (!file) return fail(file.error());
  if (auto done = files_.sync_dir(path_.parent_path()); !done) return done;
  file_ = std::move(*file);
  generation_ = 1;
  return {};
}

}  // namespace weather::log
