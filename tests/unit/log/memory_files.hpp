// A file system in memory, for tests: exact contents, error injection, bit flips. Everything written counts
// as durable at once; the power-cut model of the crash tests is their own. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "bridge/log/files.hpp"

namespace weather::log {

class MemoryFiles : public Files {
 public:
  enum class Call : std::uint8_t {
    open,
    read,
    write,
    sync_data,
    rename,
    remove,
    make_dir,
    sync_dir,
    list,
    space,
    lock
  };
  // Called before every operation; an error is returned instead of doing it.
  using Fault = std::function<std::error_code(Call, const std::filesystem::path&)>;
  void set_fault(Fault fault);

  using Bytes = std::vector<std::byte>;
  // The live contents of a file, nullptr if there is none. Test code may change them while no log is running.
  std::shared_ptr<Bytes> contents(const std::filesystem::path& path);
  std::vector<std::filesystem::path> paths();  // of all files, sorted
  std::unique_ptr<MemoryFiles> copy();         // as if the card had been copied; locks are not
  void set_space(Space space);
  std::uint64_t calls(Call call);

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Mode mode) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<void> make_dir(const std::filesystem::path& path) override;
  Result<void> sync_dir(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& path) override;
  Result<Space> space(const std::filesystem::path& path) override;
  Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) override;

 private:
  friend class MemoryFile;
  std::error_code enter(Call call, const std::filesystem::path& path);

  std::mutex mutex_;
  std::shared_ptr<Fault> fault_;  // shared: it may keep count while it is called
  std::map<std::filesystem::path, std::shared_ptr<Bytes>> files_;
  std::set<std::filesystem::path> folders_;
  std::set<std::filesystem::path> locked_;
  std::map<Call, std::uint64_t> calls_;
  Space space_{std::uint64_t{1} << 40U, std::uint64_t{1} << 39U, false};
};

}  // namespace weather::log
