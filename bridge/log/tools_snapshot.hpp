// A log's folder as it is, opened for reading without changing anything: what the tools work on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bridge/log/catalog.hpp"
#include "bridge/log/context.hpp"
#include "bridge/log/placed_files.hpp"
#include "bridge/log/reader.hpp"
#include "bridge/log/state.hpp"
#include "bridge/log/tail.hpp"
#include "bridge/log/tools.hpp"

namespace weather::log {

struct Snapshot {
  explicit Snapshot(Files& files_below) : files(files_below), context{files, system_clock(), {}} {}

  PlacedFiles files;
  Context context;
  std::shared_ptr<Catalog> catalog = std::make_shared<Catalog>();
  State state;
  bool running = false;  // another process writes the log now
  bool clean = false;    // closed in order
  Tail tail;             // of the last segment, if it was not
  std::vector<CursorInfo> cursors;
  std::vector<Finding> findings;  // about LOG, STATE and the cursors
  std::uint64_t free_files = 0, quarantined_files = 0, file_bytes = 0;

  std::unique_ptr<Reader> reader(Sequence from) {
    return std::make_unique<LogReader>(context, catalog, from, std::function<void(const LostRange&)>{});
  }
};

// not_found: no log in this folder nor in its subfolder "log". newer: written by a later format.
Result<std::unique_ptr<Snapshot>> take_snapshot(const std::filesystem::path& dir, Files& files);

Verdict worst(Verdict a, Verdict b);
Verdict verdict_of(const Loss& loss);  // of what was dropped by policy: clean, there is a loss record
Result<Sequence> cursor_position(const Snapshot& snapshot, const std::string& name);

}  // namespace weather::log
