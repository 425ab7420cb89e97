// Whether a file is the one that was read before: by what is in it, however it is called now. Pure but for
// the files it is given.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sensors/file_position.hpp"
#include "sensors/sources/followed_files.hpp"

namespace weather::sensors {

std::uint32_t file_hash(std::string_view bytes);

// Folder and name; the folder of a bare name is ".".
std::pair<std::string, std::string> split_path(const std::string& path);
// Another name in the same folder.
std::string beside(const std::string& path, const std::string& name);

// "events.log.1", "events.log-20261129.gz", "events-20261129.log": what rotation makes of "events.log".
bool is_rotated_name(std::string_view base, std::string_view name);
// Of two rotated files with the same time of the last write: is `a` the older one?
bool is_older_name(std::string_view a, std::string_view b);
bool is_older(const FileFacts& a, const std::string& a_path, const FileFacts& b, const std::string& b_path);

// A file as the matcher looks at it: opened and read once.
class FileCandidate {
 public:
  enum class Name : std::uint8_t { followed, rotated, foreign };
  FileCandidate(FollowedFiles& files, std::string path, const FileFacts& facts, Name name)
      : files_(&files), path_(std::move(path)), facts_(facts), name_(name) {}

  const std::string& path() const { return path_; }
  const FileFacts& facts() const { return facts_; }
  // It has the followed path's name, or one that rotation makes of it.
  bool own() const { return name_ != Name::foreign; }
  bool rotated() const { return name_ == Name::rotated; }
  bool compressed() const;
  bool readable() { return opened(); }
  // The bytes before the position are those that were read.
  bool holds(const FilePosition& position);
  // As far as the position tells, the file's beginning is the same.
  bool begins_as(const FilePosition& position);
  std::unique_ptr<FollowedFile> take() { return std::move(file_); }

 private:
  bool opened();
  bool read(std::uint64_t offset, std::size_t size, std::string& to);
  FollowedFiles* files_;
  std::string path_;
  FileFacts facts_;
  Name name_;
  bool tried_ = false;
  std::unique_ptr<FollowedFile> file_;
  std::string head_;
};

// A position with fewer bytes before it is no proof that a file with another inode is the same.
inline constexpr std::uint64_t file_proof_bytes = 256;

struct FoundFile {
  std::size_t candidate = 0;
  FilePosition position;
};
// Where reading goes on: at the newest position that one of the candidates holds. Older ones than the newest
// count too, because a power cut takes the last lines of a file, or its rotation, after we stored them.
std::optional<FoundFile> find_position(std::span<const FilePosition> known, std::span<FileCandidate> among);
bool was_read(std::span<const FilePosition> known, FileCandidate& file);  // some of it, under this inode
// How far this one file was read; 0: it is new.
std::uint64_t read_before(std::span<const FilePosition> known, FileCandidate& file);
// What was rotated away and not read to its end, the oldest; otherwise the followed path's, if it has
// something unread. Rotated files are read by age: what is older than one of them that was read to its end,
// or than the given one, was read as well or is not ours to read.
struct FileAge {
  const FileFacts& facts;
  const std::string& path;
};
std::optional<std::size_t> oldest_unread(std::span<const FilePosition> known, std::span<FileCandidate> among,
                                         std::optional<FileAge> than = std::nullopt);
// Of each file the newest, the newest files.
std::vector<FilePosition> newest_of_each(std::span<const FilePosition> known, std::size_t most);

}  // namespace weather::sensors
