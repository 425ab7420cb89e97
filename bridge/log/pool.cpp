#include "bridge/log/pool.hpp"

#include <algorithm>
#include <vector>

#include "bridge/log/slot_file.hpp"

namespace weather::log {
namespace {

constexpr std::size_t spares_kept = 2;
constexpr std::size_t fill_step_bytes = 256U
                                        << 10U;  // short enough not to hold up a commit that comes meanwhile

}  // namespace

void Pool::adopt(const std::filesystem::path& path, std::uint64_t bytes) {
  give(path, bytes);
}

void Pool::give(const std::filesystem::path& path, std::uint64_t bytes) {
  if (bytes == context_.options.segment_bytes && spares_.size() < spares_kept) {
    spares_.push_back({path, bytes, nullptr});
    if (spares_.front().bytes < bytes) std::swap(spares_.front(), spares_.back());
  } else {
    static_cast<void>(context_.files.remove(path));
  }
}

Result<Pool::Spare> Pool::take(std::uint64_t new_number) {
  while (!spares_.empty()) {
    auto spare = std::move(spares_.front());
    spares_.pop_front();
    if (!spare.file) {
      auto file = context_.files.open(spare.path, Mode::write);
      if (!file) continue;  // removed or unreadable: it is worth nothing
      spare.file = std::move(*file);
    }
    return spare;
  }
  Spare spare{context_.dir() / free_name(new_number), 0, nullptr};
  auto file = context_.files.open(spare.path, Mode::create);
  if (!file) return fail(file.error());
  spare.file = std::move(*file);
  return spare;
}

bool Pool::drop_one() {
  if (spares_.empty()) return false;
  static_cast<void>(context_.files.remove(spares_.back().path));
  spares_.pop_back();
  return true;
}

std::uint64_t Pool::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& spare : spares_) sum += spare.bytes;
  return sum;
}

Result<void> Pool::fill_step(std::uint64_t new_number) {
  if (spares_.empty()) {
    auto spare = take(new_number);
    if (!spare) return fail(spare.error());
    spares_.push_back(std::move(*spare));
  }
  auto& spare = spares_.front();
  static const std::vector<std::byte> zeros(fill_step_bytes);
  const auto step = std::min<std::uint64_t>(fill_step_bytes, context_.options.segment_bytes - spare.bytes);
  auto done = write_all(*spare.file, spare.bytes, std::span(zeros).first(static_cast<std::size_t>(step)));
  if (done) done = spare.file->sync_data();
  if (!done) {
    static_cast<void>(context_.files.remove(spare.path));
    spares_.pop_front();
    return done;
  }
  spare.bytes += step;
  return {};
}

}  // namespace weather::log
