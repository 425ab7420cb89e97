#include "sensors/sources/line_splitter.hpp"

#include <algorithm>

namespace weather::sensors {

void LineSplitter::append(std::string_view bytes) {
  const std::size_t room = max_ - std::min(max_, pending_.size());
  pending_ += bytes.substr(0, room);
  cut_off_ += bytes.size() - std::min(bytes.size(), room);
}

void LineSplitter::emit(const OnLine& on_line) {
  ++number_;
  std::string_view text = pending_;
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.find_first_not_of(" \t") != std::string_view::npos) on_line({text, number_, cut_off_});
  pending_.clear();
  cut_off_ = 0;
}

void LineSplitter::feed(std::string_view bytes, const OnLine& on_line) {
  while (true) {
    const auto end = bytes.find('\n');
    append(bytes.substr(0, end));
    if (end == std::string_view::npos) return;
    emit(on_line);
    bytes.remove_prefix(end + 1);
  }
}

void LineSplitter::finish(const OnLine& on_line) {
  if (!pending_.empty() || cut_off_ > 0) emit(on_line);
}

}  // namespace weather::sensors
