#include "sensors/sources/file_match.hpp"

#include <algorithm>
#include <unordered_set>

#include "sensors/sources/gz_files.hpp"

namespace weather::sensors {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A number or a date, at least so many digits of it.
bool is_stamp(std::string_view text, std::ptrdiff_t digits) {
  return text.find_first_not_of("0123456789-_.:TZ") == std::string_view::npos &&
         std::ranges::count_if(text, is_digit) >= digits;
}

// A compressed file is the one whose bytes it holds: gzip gives it an inode of its own.
bool same_file(const FilePosition& position, const FileCandidate& file) {
  return position.inode == file.facts().inode ||
         (file.compressed() && (position.offset >= file_proof_bytes || position.offset == file.facts().size));
}

}  // namespace

std::pair<std::string, std::string> split_path(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

std::string beside(const std::string& path, const std::string& name) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? name : path.substr(0, slash + 1) + name;
}

bool is_older(const FileFacts& a, const std::string& a_path, const FileFacts& b, const std::string& b_path) {
  return a.changed_ns != b.changed_ns ? a.changed_ns < b.changed_ns : is_older_name(a_path, b_path);
}

// Where the file itself was read to. Few bytes, a heading say, count if they are the newest of it: others may
// be those of what it held before it was truncated.
const FilePosition* position_in(std::span<const FilePosition> known, FileCandidate& file) {
  bool newest = true;
  for (auto one = known.rbegin(); one != known.rend(); ++one) {
    if (one->offset == 0 || !same_file(*one, file)) continue;
    if ((newest || one->offset >= file_proof_bytes) && file.holds(*one)) return &*one;
    newest = false;
  }
  return nullptr;
}

bool was_read(std::span<const FilePosition> known, FileCandidate& file) {
  return std::ranges::any_of(known, [&](const auto& one) {
    return one.offset > 0 && one.inode == file.facts().inode && file.holds(one);
  });
}

std::uint32_t file_hash(std::string_view bytes) {
  std::uint32_t hash = 2'166'136'261U;  // FNV-1a
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash;
}

bool is_rotated_name(std::string_view base, std::string_view compressed_name) {
  const auto name = without_compression(compressed_name);
  const auto is_joint = [](char c) { return c == '.' || c == '-' || c == '_'; };
  if (name.size() > base.size() + 1 && name.starts_with(base) && is_joint(name[base.size()])) {
    const auto rest = name.substr(base.size() + 1);
    return rest == "old" || is_stamp(rest, 1);
  }
  const auto dot = base.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const auto stem = base.substr(0, dot), extension = base.substr(dot);
  if (name.size() <= base.size() + 1 || !name.starts_with(stem) || !name.ends_with(extension)) return false;
  const auto rest = name.substr(stem.size(), name.size() - base.size());
  return is_joint(rest.front()) && is_stamp(rest.substr(1), rest.front() == '.' ? 1 : 6);
}

// "log.10" is older than "log.9"; dates the other way round.
bool is_older_name(std::string_view a_path, std::string_view b_path) {
  const auto a = without_compression(a_path), b = without_compression(b_path);
  const auto number = [](std::string_view name) {
    const auto from = name.find_last_not_of("0123456789");
    return name.substr(from == std::string_view::npos ? 0 : from + 1);
  };
  const auto x = number(a), y = number(b);
  if (!x.empty() && !y.empty() && x.size() <= 4 && y.size() <= 4)
    return x.size() != y.size() ? x.size() > y.size() : x > y;
  return a < b;
}

bool FileCandidate::compressed() const {
  return is_compressed_name(path_);
}

bool FileCandidate::opened() {
  if (!tried_) {
    tried_ = true;
    auto file = files_->open(path_);
    if (file) {
      const auto now = (*file)->facts();
      if (now && now->inode == facts_.inode) file_ = std::move(*file);
    }
  }
  return file_ != nullptr;
}

bool FileCandidate::read(std::uint64_t offset, std::size_t size, std::string& to) {
  if (!opened()) return false;
  to.resize(size);
  const auto got = file_->read(offset, to);
  return got && *got == size;
}

bool FileCandidate::begins_as(const FilePosition& position) {
  const auto head = static_cast<std::size_t>(std::min<std::uint64_t>(position.offset, file_head_bytes));
  if (head > facts_.size) return false;
  if (head_.size() < head &&
      !read(0, static_cast<std::size_t>(std::min<std::uint64_t>(facts_.size, file_head_bytes)), head_))
    return false;
  return file_hash(std::string_view(head_).substr(0, head)) == position.head;
}

bool FileCandidate::holds(const FilePosition& position) {
  if (position.offset > facts_.size || !begins_as(position)) return false;
  const auto tail = static_cast<std::size_t>(std::min<std::uint64_t>(position.offset, file_tail_bytes));
  std::string bytes;
  if (!read(position.offset - tail, tail, bytes) || file_hash(bytes) != position.tail) return false;
  // The end of a file was taken without an end of its line: another one that goes on there is another one.
  return position.inode == facts_.inode || position.offset == facts_.size || bytes.ends_with('\n');
}

std::uint64_t read_before(std::span<const FilePosition> known, FileCandidate& file) {
  const auto ends_here = [&](const auto& position) {
    return (position.offset >= file_proof_bytes || same_file(position, file)) && file.holds(position);
  };
  if (const auto last = std::find_if(known.rbegin(), known.rend(), ends_here); last != known.rend())
    return last->offset;
  // A copy that was made before that holds nothing else.
  const auto size = file.facts().size;
  const bool copied = std::any_of(known.rbegin(), known.rend(), [&](const auto& position) {
    return position.offset > size && position.offset >= file_proof_bytes && file.rotated() &&
           !same_file(position, file) && file.begins_as(position);
  });
  return copied ? size : 0;
}

std::optional<FoundFile> find_position(std::span<const FilePosition> known, std::span<FileCandidate> among) {
  bool newest = true;
  for (auto last = known.rbegin(); last != known.rend(); ++last) {
    const auto& position = *last;
    const bool proof = position.offset >= file_proof_bytes;
    for (std::size_t i = 0; i < among.size(); ++i) {
      if (same_file(position, among[i]) && (proof || newest) && among[i].holds(position))
        return FoundFile{i, position};
    }
    // A copy made before the file was truncated is one that was not read before.
    const auto may_be_copy = [&](FileCandidate& one) {
      return proof || (newest && position.offset > 0 && one.rotated() && !was_read(known, one) &&
                       read_before(known, one) == 0);
    };
    for (std::size_t i = 0; i < among.size(); ++i)
      if (among[i].own() && may_be_copy(among[i]) && among[i].holds(position)) return FoundFile{i, position};
    newest = false;
  }
  return std::nullopt;
}

std::optional<std::size_t> oldest_unread(std::span<const FilePosition> known, std::span<FileCandidate> among,
                                         std::optional<FileAge> than) {
  std::optional<std::size_t> found;
  std::vector<std::size_t> youngest_first;
  for (std::size_t i = 0; i < among.size(); ++i) {
    auto& one = among[i];
    if (one.rotated()) youngest_first.push_back(i);
    if (one.own() && !one.rotated() && !(than && than->facts.inode == one.facts().inode) &&
        read_before(known, one) < one.facts().size)
      found = i;
  }
  std::ranges::sort(youngest_first, [&](std::size_t a, std::size_t b) {
    return is_older(among[b].facts(), among[b].path(), among[a].facts(), among[a].path());
  });
  // Behind a file of which few bytes were read there may be the copy of what it held before it was truncated:
  // one that begins with them.
  const FilePosition* few = nullptr;
  for (const auto i : youngest_first) {
    auto& one = among[i];
    if (than && (one.facts().inode == than->facts.inode ||
                 is_older(one.facts(), one.path(), than->facts, than->path)))
      break;
    if (!one.readable()) continue;
    if (read_before(known, one) < one.facts().size) {
      if (few == nullptr || one.holds(*few)) found = i;
    } else if (const auto* const position = position_in(known, one)) {
      if (position->offset >= file_proof_bytes) break;
      // Few bytes in a compressed file may be those of any other.
      if (position->inode == one.facts().inode) few = position;
    }
  }
  return found;
}

std::vector<FilePosition> newest_of_each(std::span<const FilePosition> known, std::size_t most) {
  std::vector<FilePosition> newest;
  std::unordered_set<std::uint64_t> inodes;
  for (auto at = known.rbegin(); at != known.rend() && newest.size() < most; ++at)
    if (inodes.insert(at->inode).second) newest.push_back(*at);
  std::ranges::reverse(newest);
  return newest;
}

}  // namespace weather::sensors
