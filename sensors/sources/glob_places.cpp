#include "sensors/sources/glob_places.hpp"

#include <algorithm>
#include <utility>

#include "sensors/sources/file_match.hpp"

namespace weather::sensors {

void GlobPlaces::take_over() {
  for (const auto& one : known_) remember({{}, 0, one, true});
}

void GlobPlaces::remember(const Place& place) {
  auto& places = recent_[place.position.inode];
  if (places.empty() || places.back().position != place.position) places.push_back(place);
  if (places.size() > most_recent) places.erase(places.begin() + 1);
}

void GlobPlaces::visited(std::uint64_t inode, TimePoint now) {
  const auto found = recent_.find(inode);
  if (found == recent_.end()) return;
  for (auto& place : found->second)
    if (std::exchange(place.given, false)) place = {now, lines_, place.position};
}

void GlobPlaces::read(const FilePosition& after, TimePoint now) {
  ++lines_;
  remember({now, lines_, after});
}

void GlobPlaces::learn(std::span<const FilePosition> positions) {
  known_.insert(known_.end(), positions.begin(), positions.end());
}

// What was read so long ago, or so many lines, is on the card of its writer: of that the newest counts.
void GlobPlaces::forget_old(const GlobLook& look, TimePoint now) {
  const auto old = [&](const Place& one) {
    return !one.given && (now - one.at >= written_back || lines_ - one.line >= given_lines_);
  };
  for (auto& [inode, places] : recent_)
    while (places.size() > 1 && old(places[1])) places.erase(places.begin());
  if (!began_) began_ = now;
  if (now - *began_ < written_back) return;
  std::erase_if(recent_, [&](const auto& one) { return !look.owners.contains(one.first); });
}

void GlobPlaces::compact(const GlobLook& look) {
  if (known_.size() <= look.owners.size() + 2 * most_gone) return;
  known_ = newest_of_each(known_, known_.size());
  const auto gone = [&](const auto& one) { return !look.owners.contains(one.inode); };
  auto too_many = std::ranges::count_if(known_, gone) - static_cast<std::ptrdiff_t>(most_gone);
  std::erase_if(known_, [&](const auto& one) { return too_many > 0 && gone(one) && too_many-- > 0; });
}

const FilePosition* GlobPlaces::newest_in(std::uint64_t inode) const {
  const auto last =
      std::find_if(known_.rbegin(), known_.rend(), [&](const auto& one) { return one.inode == inode; });
  return last == known_.rend() ? nullptr : &*last;
}

std::vector<FilePosition> GlobPlaces::given_to(const std::string& name, const GlobLook& look) const {
  std::size_t others = 0;
  std::vector<FilePosition> given;
  for (auto one = known_.rbegin(); one != known_.rend(); ++one)
    if (!look.is_others(one->inode, name) || ++others <= most_others) given.push_back(*one);
  std::ranges::reverse(given);
  return given;
}

std::vector<FilePosition> GlobPlaces::with(std::span<const FilePosition> newer) const {
  auto all = known_;
  all.insert(all.end(), newer.begin(), newer.end());
  const auto each = newest_of_each(all, all.size());
  std::vector<FilePosition> found;
  for (const auto& [inode, places] : recent_)
    for (const auto& place : places) found.push_back(place.position);
  found.insert(found.end(), each.begin(), each.end());
  return found;
}

}  // namespace weather::sensors
