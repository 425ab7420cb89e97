// The lines of a file that grows, each once: over rotation (rename and create), truncation (copy and
// truncate), a line that is not finished yet, and starts. A state machine: files and the time come in as
// parameters, and where it stands is what it was given at the start and what it has read since.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/file_position.hpp"
#include "sensors/sources/file_match.hpp"
#include "sensors/sources/followed_files.hpp"
#include "sensors/sources/follower.hpp"

namespace weather::sensors {

class FileFollower final : public Follower {
 public:
  using Options = FollowerOptions;

  // known: oldest first.
  FileFollower(Options options, FollowedFiles& files, std::vector<FilePosition> known, Say say);

  bool open() override;
  const std::string& beginning() const override { return beginning_; }
  Step next(TimePoint now) override;
  void give_back() override { given_back_ = true; }
  std::vector<FilePosition> positions() const override;
  const std::string& path() const override { return path_; }
  std::string_view heading() override;
  std::uint64_t offset() const override { return offset_; }
  std::uint64_t behind_bytes() const override { return size_ > offset_ ? size_ - offset_ : 0; }

  // Waits until a rotated file may be left: it has to be asked again.
  bool settling() const { return rotated_.has_value(); }

  // A rotated file is left when another one has had something to read for so long, and it has not grown
  // meanwhile: its writer may take a moment to notice.
  static constexpr std::chrono::seconds settle{2};

 private:
  using Kind = Step::Kind;
  std::optional<Step> open_first();
  void pass_over(std::vector<FileCandidate>& among);
  void use(FileCandidate& candidate, std::uint64_t offset, TimePoint now);
  void start_at(std::uint64_t offset);
  std::optional<Step> take_line();
  Step end_line();
  Step failed(std::error_code error);
  // Reads on; a step if there is nothing to read, or something is in the way.
  std::optional<Step> fill(TimePoint now);
  bool is_as_read();  // the file's first bytes are those that were read
  std::optional<Step> at_end(TimePoint now);
  void was_truncated(TimePoint now);
  void go_to(FileCandidate& file, std::uint64_t offset, TimePoint now, const std::string& why);
  bool go_to_unread(std::vector<FileCandidate>& among, TimePoint now, const std::string& why);
  std::optional<Step> leave(std::optional<FileCandidate> to, TimePoint now);
  std::vector<FileCandidate> look() const;
  std::vector<FileCandidate> folder() const;
  // What comes after the file being read: a younger rotated file, or the path's.
  std::optional<FileCandidate> successor();
  FilePosition position() const;  // of offset_
  void remember();
  void drop_partial();

  const Options options_;
  FollowedFiles& files_;
  std::vector<FilePosition> known_;
  const Say say_;
  std::string beginning_;
  TimePoint now_{};

  bool started_ = false, ended_ = false;
  std::unique_ptr<FollowedFile> file_;
  FileFacts facts_;
  std::string path_;
  std::uint64_t offset_ = 0, size_ = 0;
  FilePosition before_line_;  // the one given last
  bool given_back_ = false;
  TimePoint grown_{};
  std::optional<TimePoint> rotated_;  // when another file to go on with was first seen

  std::string heading_;
  bool heading_whole_ = false;
  std::string head_;                  // the file's first bytes, as far as they were read
  mutable std::uint64_t hashed_ = 0;  // head_hash_ is that of so many bytes, or of all that count
  mutable std::uint32_t head_hash_ = file_hash({});
  std::string tail_, tail_with_line_;  // the last bytes before offset_, and before what was read of a line
  std::string buffer_;                 // read and not looked at from at_ on
  std::size_t at_ = 0;
  std::string line_, text_;
  std::size_t cut_off_ = 0;
  std::uint64_t line_bytes_ = 0;
  bool look_first_ = true;  // time has passed: the bytes before offset_ may be others
};

}  // namespace weather::sensors
