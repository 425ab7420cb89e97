// Already-written files waiting to become segments: a commit into written blocks needs no file-system journal
// commit. Released segments come back here; when there is none, a new file is filled with zeros ahead of
// need, in steps. Log thread only.
#pragma once

#include <deque>
#include <memory>

#include "bridge/log/context.hpp"

namespace weather::log {

class Pool {
 public:
  struct Spare {
    std::filesystem::path path;
    std::uint64_t bytes = 0;  // written so far
    std::unique_ptr<File> file;
  };

  explicit Pool(Context& context) : context_(context) {}

  // A file found at start: kept if it is complete, else removed.
  void adopt(const std::filesystem::path& path, std::uint64_t bytes);
  // A file to make a segment of, open for writing: the most complete one, or a new one.
  Result<Spare> take(std::uint64_t new_number);
  // A file that is no segment any more, already renamed to a free name.
  void give(const std::filesystem::path& path, std::uint64_t bytes);
  // Removes one spare; false if there is none. Makes room when the limit is near.
  bool drop_one();

  bool empty() const { return spares_.empty(); }
  bool ready() const { return !spares_.empty() && spares_.front().bytes == context_.options.segment_bytes; }
  std::uint64_t bytes() const;
  // One step of making a spare ready. An error only means that there will be none.
  Result<void> fill_step(std::uint64_t new_number);

 private:
  Context& context_;
  std::deque<Spare> spares_;  // at most spares_kept, the first one may be incomplete
};

}  // namespace weather::log
