// Messages as lines from a file, a pipe or the standard input: NDJSON, rtl_433 -F json. Of a file each line
// is taken once, however often the source starts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sensors/file_position.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

struct LinesOptions {
  std::string name = {};  // of the source; empty: "lines:PATH"
  std::string path;  // file, named pipe, device, or files by a pattern of names; "-" is the standard input
  // A named pipe whose writer went away is opened again; a file that ended is read on when it grows or is
  // rotated. Otherwise the end of the input is the end of the source.
  bool follow = false;
  std::size_t heading_lines = 0;        // of a file that go with each of its lines, as Message::heading
  PositionKeeper* positions = nullptr;  // null: a file is read from its beginning
  std::function<void(const std::string&)> say = [](const std::string&) {};  // on the source's thread
};

struct LinesStatus {
  bool open = false, ended = false;
  std::uint64_t lines = 0;     // accepted by the sink
  std::uint64_t too_long = 0;  // longer than max_payload_bytes, kept marked with their beginning
  std::uint64_t retries = 0;   // the sink refused and was asked again
  std::string last_error;
  // Of a file:
  bool file = false;
  std::string reading;             // its name when it was opened; empty: none is
  std::uint64_t offset = 0;        // all lines before it were taken
  std::uint64_t behind_bytes = 0;  // were there at the last look, and are not taken yet
};

// Reads on a thread of its own. There are no acknowledgements, but nothing is dropped either: while the sink
// refuses, nothing is read, and the writer has to wait.
class LinesSource {
 public:
  LinesSource(LinesOptions options, Decoder decode, Sink& sink);
  ~LinesSource();  // stops
  LinesSource(const LinesSource&) = delete;
  LinesSource& operator=(const LinesSource&) = delete;

  void start();
  void stop();          // at once; a line that was read is either stored or not, never half
  void wait_for_end();  // blocks until the input ended and everything is durable
  LinesStatus status() const;
  const std::string& name() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors
