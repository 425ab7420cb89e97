// The file layer as the log uses it: every error of the layer below says of which file it is, and of which
// byte if one is known. Everything else is passed on. Threads: as the layer below.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bridge/log/files.hpp"

namespace weather::log {

class PlacedFiles : public Files {
 public:
  explicit PlacedFiles(Files& below) : below_(below) {}  // `below` must outlive it

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Mode mode) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<void> make_dir(const std::filesystem::path& path) override;
  Result<void> sync_dir(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& path) override;
  Result<Space> space(const std::filesystem::path& path) override;
  Result<std::unique_ptr<File>> lock(const std::filesystem::path& path) override;

 private:
  Files& below_;
};

}  // namespace weather::log
