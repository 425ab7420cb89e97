// The file layer the log is written against: production, fault-injecting and simulated implementations.
// Only what the log needs, with POSIX meaning. Errors are std::system_category codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/log/result.hpp"

namespace weather::log {

// An open file. Offsets in bytes. One thread at a time, except read, which may run beside write.
class File {
 public:
  virtual ~File() = default;
  // Reads up to to.size() bytes; fewer only at the end of the file.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> to) = 0;
  // May write fewer bytes than asked (a short write): the caller decides what that means.
  virtual Result<std::size_t> write(std::uint64_t offset, std::span<const std::byte> from) = 0;
  virtual Result<void> sync_data() = 0;  // fdatasync; after an error the content is unknown, never retry
  // What memory holds of it and counts as synced is given up: what is read next comes from the card. After a
  // sync that failed in another process the two may differ, and a sync of ours tells nothing. Best effort.
  virtual void drop_cached() {}
  virtual Result<std::uint64_t> size() = 0;
  // An error that was found in what was read of it, or in how much of it was written, with its place if the
  // file knows its name.
  virtual Error error_at(std::error_code code, std::uint64_t) const { return code; }
};

struct Space {
  std::uint64_t total_bytes = 0, free_bytes = 0;
  bool volatile_storage = false;  // tmpfs, ramfs or overlay: gone after a reboot
};

enum class Mode : std::uint8_t { read, write, create };  // create: must not exist yet

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Mode mode) = 0;
  virtual Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual Result<void> remove(const std::filesystem::path& path) = 0;
  virtual Result<void> make_dir(
      const std::filesystem::path& path) = 0;  // and its parents; no error if it exists
  // Makes creations, renames and removals in this folder durable.
  virtual Result<void> sync_dir(const std::filesystem::path& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::filesystem::path& path) = 0;  // names, unordered
  virtual Result<Space> space(const std::filesystem::path& path) = 0;
  // Exclusive lock held until the returned object dies (or the process does). Errc::locked if another has it.
  virtual Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) = 0;
};

// The real one. Stateless; lives as long as the program.
Files& posix_files();

}  // namespace weather::log
