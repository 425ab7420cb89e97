// Where the files that are followed stood, for after a start: what the log's newest records tell
// (Reading.arrival.file), and for what is older one small file beside the log.
//
// Written when a source stops, and while it runs whenever the log has gone so far that a start would have to
// read much, or could miss something: not with every line, which carries its position itself. A quiet file
// writes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bridge/log/files.hpp"
#include "bridge/log/log.hpp"
#include "sensors/file_position.hpp"

namespace weather::gateway {

struct PositionFileOptions {
  std::filesystem::path path;
  std::uint64_t records = 8192;  // a start reads at least so many of the log's newest, and hardly more
  // The log's records of this source, from this one on; see bridge/log/keep.hpp.
  std::function<void(std::string_view source, std::uint64_t record)> needs_from = [](auto, auto) {};
};

class PositionFile final : public sensors::PositionKeeper {
 public:
  using Tell = std::function<void(const std::string&)>;  // a sentence for people; any thread

  // files and log must outlive it. A file that is of another log, or cannot be read, counts as empty and is
  // reported: then the whole log is read.
  PositionFile(log::Files& files, log::Log& log, PositionFileOptions options, Tell report);

  std::vector<sensors::FilePosition> known(std::string_view source, const std::atomic<bool>& stop) override;
  void stands(std::string_view source, std::span<const sensors::FilePosition> files, sensors::Ticket last,
              bool leaving) override;
  // See log::before_leaving. What leaves and is needed is read, and what it tells of files goes into the
  // file.
  void leaving(log::Sequence first);

 private:
  using Positions = std::vector<sensors::FilePosition>;
  struct Source {
    bool needing = false;    // the log's records behind upto
    std::uint64_t upto = 0;  // of records up to here `files` is what they come to
    Positions files;
    Positions latest;  // of this run
    std::uint64_t written_bytes = 0;
    // Where a start would go on by what the log holds up to here.
    sensors::FilePosition newest;
    std::uint64_t newest_upto = 0;
    bool moved(sensors::Ticket last) const {
      return last.sequence > newest_upto || (!latest.empty() && latest.back() != newest);
    }
  };
  std::optional<Positions> known_once(std::string_view source, const std::atomic<bool>& stop);
  log::Result<void> load();
  log::Result<void> save();
  bool due(const Source& source) const;
  bool keep(Source& source, const log::Status& log);
  void failed(std::error_code error);

  log::Files& files_;
  log::Log& log_;
  const PositionFileOptions options_;
  const Tell report_;
  std::mutex mutex_;
  std::map<std::string, Source, std::less<>> sources_;
  bool reported_ = false;
};

}  // namespace weather::gateway
