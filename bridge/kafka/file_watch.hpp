// Notices that files were replaced: certificates are renewed under a running gateway. One thread; each look
// costs one stat() a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/core/ports.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

class FileWatch final : public FileChanges {
 public:
  explicit FileWatch(std::vector<std::string> paths);

  // True once for each change, when the files have looked the same twice: a renewal writes several of them. A
  // file that is missing for a moment is not a change until another one is there.
  bool changed() override;
  bool any_watched() const override { return !paths_.empty(); }

 private:
  struct Stamp {
    std::uint64_t inode = 0, size = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::vector<Stamp>;
  Stamps look() const;

  std::vector<std::string> paths_;
  Stamps used_, seen_;
};

// The files a client reads at its start: certificates, keys, revocation lists.
std::vector<std::string> certificate_files(const Properties& properties);

}  // namespace weather::bridge
