#include "sensors/sources/file_follower.hpp"

#include <algorithm>
#include <utility>

namespace weather::sensors {
namespace {

constexpr std::size_t read_bytes = 64U << 10;
constexpr std::size_t most_known = 128;  // files that are remembered

std::string in_file(std::uint64_t offset, const std::string& path) {
  return "byte " + std::to_string(offset) + " of " + path;
}

}  // namespace

FileFollower::FileFollower(Options options, FollowedFiles& files, std::vector<FilePosition> known, Say say)
    : options_(std::move(options)), files_(files), known_(std::move(known)), say_(std::move(say)) {
  path_ = options_.path;
}

bool FileFollower::open() {
  if (!file_ && !ended_ && open_first()) ended_ = false;  // next() says why not
  return file_ != nullptr;
}

FileFollower::Step FileFollower::next(TimePoint now) {
  while (!ended_) {
    if (!file_) {
      if (auto step = open_first()) return *step;
      grown_ = now;
    }
    if (auto line = take_line()) return *line;
    if (auto step = fill(now)) return *step;
  }
  return {.kind = Kind::ended};
}

// The followed path first, then whatever else is in its folder.
std::vector<FileCandidate> FileFollower::look() const {
  using Name = FileCandidate::Name;
  const auto [folder, base] = split_path(options_.path);
  std::vector<FileCandidate> found;
  if (const auto facts = files_.facts(options_.path))
    found.emplace_back(files_, options_.path, *facts, Name::followed);
  for (const auto& name : files_.list(folder)) {
    if (name == base) continue;
    auto path = beside(options_.path, name);
    if (const auto facts = files_.facts(path))
      found.emplace_back(files_, std::move(path), *facts,
                         is_rotated_name(base, name) ? Name::rotated : Name::foreign);
  }
  return found;
}

// A look while files are being renamed may miss one: only what two looks saw is what is there.
std::vector<FileCandidate> FileFollower::folder() const {
  constexpr int most_looks = 20;
  const auto same = [](const FileCandidate& a, const FileCandidate& b) {
    return a.path() == b.path() && a.facts().inode == b.facts().inode;
  };
  auto found = look();
  for (int looks = 1; looks < most_looks; ++looks) {
    auto again = look();
    const bool still = std::ranges::equal(again, found, same);
    found.swap(again);
    if (still) break;
  }
  return found;
}

// What was rotated away before the very first start counts as read: the youngest, so all that are older.
void FileFollower::pass_over(std::vector<FileCandidate>& among) {
  FileCandidate* youngest = nullptr;
  for (auto& one : among)
    if (one.rotated() && one.facts().size > 0 &&
        (youngest == nullptr || is_older(youngest->facts(), youngest->path(), one.facts(), one.path())))
      youngest = &one;
  if (youngest == nullptr) return;
  use(*youngest, youngest->facts().size, now_);
  if (file_) known_.push_back(position());
  file_.reset();
}

// At the newest position there is. One at the beginning of a file proves nothing: what was rotated away since
// goes before it, as it does if none is left.
std::optional<FileFollower::Step> FileFollower::open_first() {
  const bool first = !std::exchange(started_, true),
             very_first = first && known_.empty() && options_.first_start;
  auto among = folder();
  if (very_first) pass_over(among);
  const auto found = very_first ? std::nullopt : find_position(known_, among);
  bool again = found && found->position.offset > 0;
  auto unread =
      again && found->position.offset >= file_proof_bytes ? std::nullopt : oldest_unread(known_, among);
  // So few bytes are also those of a copy, which goes first.
  if (again && unread) {
    again =
        *unread == found->candidate || !among[*unread].rotated() || !among[*unread].holds(found->position);
    if (again) unread.reset();
  }
  if (again) {
    use(among[found->candidate], found->position.offset, now_);
  } else if (unread) {
    use(among[*unread], read_before(known_, among[*unread]), now_);
  } else if (const auto at = std::ranges::find(among, options_.path, &FileCandidate::path);
             at != among.end()) {
    use(*at, 0, now_);
  }
  if (first && file_)
    beginning_ =
        very_first ? "reading " + path_ + " from its beginning"
        : found    ? "going on at " + in_file(offset_, path_) + ", of " + std::to_string(size_)
        : offset_ == 0
            ? "none of the files read before is there any more: reading " + path_ + " from its beginning"
            : "none of the files read before is there any more: going on at " + in_file(offset_, path_);
  if (file_) return std::nullopt;
  const auto facts = files_.facts(options_.path);
  auto opened = files_.open(options_.path);
  const auto why = !opened  ? opened.error()
                   : !facts ? facts.error()
                            : std::make_error_code(std::errc::resource_unavailable_try_again);
  started_ = !first;
  ended_ = !options_.follow;
  return Step{.kind = Kind::waiting, .error = why};
}

void FileFollower::use(FileCandidate& candidate, std::uint64_t offset, TimePoint now) {
  const auto path = candidate.path();
  auto file = candidate.take();
  if (!file) {
    auto opened = files_.open(path);
    if (!opened) return;
    file = std::move(*opened);
  }
  const auto facts = file->facts();
  if (!facts || facts->inode != candidate.facts().inode) return;  // taken away meanwhile: look again
  file_ = std::move(file);
  facts_ = *facts;
  size_ = facts_.size;
  path_ = path;
  grown_ = now;
  rotated_.reset();
  start_at(offset);
}

// What is before the offset is read again, for the fingerprints.
void FileFollower::start_at(std::uint64_t offset) {
  offset_ = offset;
  heading_whole_ = false;
  hashed_ = 0;
  head_hash_ = file_hash({});
  head_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(offset, file_head_bytes)));
  tail_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(offset, file_tail_bytes)));
  const auto head = file_->read(0, head_);
  const auto tail = file_->read(offset - tail_.size(), tail_);
  if (!head || !tail || *head != head_.size() || *tail != tail_.size()) file_.reset();
  drop_partial();
}

std::string_view FileFollower::heading() {
  if (heading_whole_ || options_.heading_lines == 0 || !file_) return heading_;
  std::string bytes(read_bytes, '\0');
  bytes.resize(file_->read(0, bytes).value_or(0));
  std::size_t end = 0, lines = 0;
  while (lines < options_.heading_lines) {
    const auto next = bytes.find('\n', end);
    if (next == std::string::npos) break;
    end = next + 1;
    ++lines;
  }
  heading_whole_ = lines == options_.heading_lines || bytes.size() == read_bytes;
  heading_ = bytes.substr(0, end);
  return heading_;
}

void FileFollower::drop_partial() {
  buffer_.clear();
  at_ = 0;
  line_.clear();
  cut_off_ = 0;
  line_bytes_ = 0;
  tail_with_line_ = tail_;
  look_first_ = true;
}

FilePosition FileFollower::position() const {
  if (hashed_ < file_head_bytes && hashed_ != offset_) {
    hashed_ = offset_;
    head_hash_ = file_hash(std::string_view(head_).substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(offset_, file_head_bytes))));
  }
  return {facts_.device, facts_.inode, offset_, head_hash_, file_hash(tail_)};
}

std::vector<FilePosition> FileFollower::positions() const {
  auto all = known_;
  if (file_) all.push_back(given_back_ ? before_line_ : position());
  return newest_of_each(all, most_known);
}

void FileFollower::remember() {
  if (known_.empty() || known_.back() != position()) known_.push_back(position());
}

std::optional<FileFollower::Step> FileFollower::take_line() {
  while (at_ < buffer_.size()) {
    const auto rest = std::string_view(buffer_).substr(at_);
    const auto end = rest.find('\n');
    const bool whole = end != std::string_view::npos;
    const auto raw = whole ? rest.substr(0, end + 1) : rest;
    const auto piece = whole ? rest.substr(0, end) : rest;
    const auto from = offset_ + line_bytes_;
    if (from == head_.size() && head_.size() < file_head_bytes)
      head_ += raw.substr(0, file_head_bytes - head_.size());
    if (raw.size() >= file_tail_bytes) {
      tail_with_line_ = raw.substr(raw.size() - file_tail_bytes);
    } else {
      tail_with_line_ += raw;
      if (tail_with_line_.size() > file_tail_bytes)
        tail_with_line_.erase(0, tail_with_line_.size() - file_tail_bytes);
    }
    const auto room = options_.max_line_bytes - std::min(options_.max_line_bytes, line_.size());
    line_ += piece.substr(0, room);
    cut_off_ += piece.size() - std::min(piece.size(), room);
    at_ += raw.size();
    line_bytes_ += raw.size();
    if (!whole) break;
    auto step = end_line();
    if (step.kind == Kind::line) return step;
  }
  return std::nullopt;
}

// The line, or idle if it is blank.
FileFollower::Step FileFollower::end_line() {
  before_line_ = position();
  offset_ += std::exchange(line_bytes_, 0);
  tail_ = tail_with_line_;
  text_.swap(line_);
  line_.clear();
  std::string_view text = text_;
  if (text.ends_with('\r')) text.remove_suffix(1);
  const auto cut_off = std::exchange(cut_off_, 0);
  if (text.find_first_not_of(" \t") == std::string_view::npos) return {};
  return {.kind = Kind::line, .text = text, .cut_off = cut_off, .after = position(), .error = {}};
}

FileFollower::Step FileFollower::failed(std::error_code error) {
  drop_partial();
  return {.kind = Kind::waiting, .error = error};
}

std::optional<FileFollower::Step> FileFollower::fill(TimePoint now) {
  now_ = now;
  if (look_first_) drop_partial();
  const auto before = tail_with_line_.size();
  const auto from = offset_ + line_bytes_;
  buffer_.resize(read_bytes);
  at_ = before;
  const auto got = file_->read(from - before, buffer_);
  if (!got) return failed(got.error());
  buffer_.resize(*got);
  // Whatever was read before may be others' bytes by the time the next ones are.
  const bool same = *got >= before && std::string_view(buffer_).starts_with(tail_with_line_) &&
                    (!look_first_ || *got == before || is_as_read());
  if (!same) {
    was_truncated(now);
    return std::nullopt;
  }
  const bool more = *got > before;
  if (from == 0 || (more && from < file_proof_bytes)) {
    // Nothing tells its first bytes from those that may have been copied and truncated before we looked. A
    // heading is the same in both.
    auto among = folder();
    const auto why = from == 0 ? "nothing read of " + path_ : "truncated at " + in_file(offset_, path_);
    if (go_to_unread(among, now, why)) return std::nullopt;
  }
  look_first_ = false;
  if (more) {
    if (from + *got - before > size_) grown_ = now;
    size_ = std::max(size_, from + *got - before);
    return std::nullopt;
  }
  buffer_.clear();
  at_ = 0;
  look_first_ = true;
  return at_end(now);
}

// Without those of a line that is not whole.
bool FileFollower::is_as_read() {
  head_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(offset_, head_.size())));
  std::string now(head_.size(), '\0');
  const auto got = file_->read(0, now);
  return got && *got == now.size() && now == head_;
}

std::optional<FileFollower::Step> FileFollower::at_end(TimePoint now) {
  size_ = offset_ + line_bytes_;
  const auto named = files_.facts(options_.path);
  const bool rotated = !named || named->inode != facts_.inode || named->device != facts_.device;
  if (!options_.follow) return leave(rotated ? successor() : std::nullopt, now);
  if (!rotated) {
    rotated_.reset();
    known_ = positions();  // only a start needs the older positions of a file
    return Step{};
  }
  auto to = successor();
  if (!to) return Step{};
  if (!rotated_) rotated_ = now;
  // Of a file that was rotated twice the first name is not kept.
  const bool once = to->path() == options_.path;
  if (once && now - std::max(grown_, *rotated_) < settle) return Step{};
  return leave(std::move(to), now);
}

std::optional<FileCandidate> FileFollower::successor() {
  remember();
  auto among = folder();
  if (const auto now = file_->facts()) facts_ = *now;
  for (const auto& candidate : among)
    if (candidate.facts().inode == facts_.inode) path_ = candidate.path();
  const auto found = oldest_unread(known_, among, FileAge{facts_, path_});
  if (!found) return std::nullopt;
  return std::move(among[*found]);
}

// A line without an end will not get one.
std::optional<FileFollower::Step> FileFollower::leave(std::optional<FileCandidate> to, TimePoint now) {
  if (line_bytes_ > 0) {
    auto step = end_line();
    if (step.kind == Kind::line) return step;
  }
  remember();
  if (!to) {
    ended_ = true;
    return std::nullopt;
  }
  go_to(*to, read_before(known_, *to), now, "rotated: read to " + in_file(offset_, path_));
  return std::nullopt;
}

// What was written between our last look and the copy is in the copy, if there is one.
void FileFollower::was_truncated(TimePoint now) {
  const auto left = in_file(offset_, path_);
  drop_partial();
  const auto here = position();
  auto among = folder();
  auto copy = std::ranges::find_if(among, [&](auto& one) {
    return here.offset > 0 && one.rotated() && !was_read(known_, one) && one.holds(here);
  });
  remember();
  if (copy != among.end()) return go_to(*copy, here.offset, now, "truncated at " + left);
  if (go_to_unread(among, now, "truncated at " + left)) return;
  say_("truncated at " + left + ": reading it from its beginning");
  if (const auto facts = file_->facts()) size_ = facts->size;
  start_at(0);
}

// What was rotated away and not read, if there is such a file.
bool FileFollower::go_to_unread(std::vector<FileCandidate>& among, TimePoint now, const std::string& why) {
  const auto unread = oldest_unread(known_, among);
  if (!unread || !among[*unread].rotated() || among[*unread].facts().inode == facts_.inode) return false;
  auto& file = among[*unread];
  const auto here = position();
  const auto copied = file.holds(here) ? here.offset : 0;
  if (offset_ > 0) remember();
  go_to(file, std::max(copied, read_before(known_, file)), now, why);
  return true;
}

void FileFollower::go_to(FileCandidate& file, std::uint64_t offset, TimePoint now, const std::string& why) {
  file_.reset();
  use(file, offset, now);
  if (file_) say_(why + ": going on at " + in_file(offset_, path_));
}

}  // namespace weather::sensors
