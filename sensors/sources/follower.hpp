// The lines of files that grow, each once. One file (file_follower.hpp), or all that a pattern names
// (glob_follower.hpp). One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "sensors/file_position.hpp"

namespace weather::sensors {

struct FollowerOptions {
  std::string path;    // of the file; of several: their folder and a pattern of their names
  bool follow = true;  // false: the end of the file is the end
  std::size_t max_line_bytes = 0;
  std::size_t heading_lines = 0;
  std::size_t most_files = 4096;  // of a pattern
  // A start is given so many lines of all files, whatever else it is given.
  std::uint64_t given_lines = 8192;
  // With nothing known: what was rotated away by then is not ours to read.
  bool first_start = true;
};

class Follower {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Say = std::function<void(const std::string&)>;  // a sentence for people

  struct Step {
    enum class Kind : std::uint8_t {
      line,     // text, cut_off and after; never blank
      idle,     // nothing more for now
      waiting,  // there is no such file, or it cannot be read: error
      ended,
    } kind = Kind::idle;
    std::string_view text = {};  // without its end; valid until the next call
    std::size_t cut_off = 0;     // bytes that are missing at its end
    FilePosition after = {};     // with this line
    std::error_code error = {};
  };

  virtual ~Follower() = default;
  // Whether a file is open to be read; opens the first one.
  virtual bool open() = 0;
  // Where this start goes on, for people: to be said once that place is kept. Empty before a file is open.
  virtual const std::string& beginning() const = 0;
  virtual Step next(TimePoint now) = 0;
  // The line given last was not taken; positions() are those before it. After this the follower is of no more
  // use than to tell them.
  virtual void give_back() = 0;
  // Where every file stands, oldest first; the last one is being read.
  virtual std::vector<FilePosition> positions() const = 0;
  virtual const std::string& path() const = 0;  // being read; may have been renamed since
  // Its first lines, as many as the options say, or fewer as long as it has no more; at most 64 KiB.
  virtual std::string_view heading() = 0;
  virtual std::uint64_t offset() const = 0;
  // Of what is being read, as of the last step that was not a line.
  virtual std::uint64_t behind_bytes() const = 0;
};

}  // namespace weather::sensors
