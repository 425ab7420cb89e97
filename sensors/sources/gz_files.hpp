// Files as they are, and those whose name ends in ".gz" as what gzip(1) made them of: logrotate compresses
// what it rotated away. RFC 1952. One thread at a time.
//
// A file of several members is read whole; of one beyond 4 GiB, or of several members, the size is known once
// it was read. What is damaged ends where it is damaged, and is said once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sensors/sources/followed_files.hpp"

namespace weather::sensors {

bool is_compressed_name(std::string_view path);
// "events.log.1.gz" is "events.log.1".
std::string_view without_compression(std::string_view path);

class GzFiles final : public FollowedFiles {
 public:
  using Say = std::function<void(const std::string&)>;  // a sentence for people

  GzFiles(FollowedFiles& files, Say say) : files_(files), say_(std::move(say)) {}

  tl::expected<std::unique_ptr<FollowedFile>, std::error_code> open(const std::string& path) override;
  tl::expected<FileFacts, std::error_code> facts(const std::string& path) override;
  // Without what is being compressed: gzip removes the file once its copy is whole.
  std::vector<std::string> list(const std::string& folder) override;

 private:
  class Inflated;
  using Key = std::pair<std::uint64_t, std::int64_t>;  // inode, time of the last write
  tl::expected<FileFacts, std::error_code> inflated_facts(FollowedFile& file) const;

  FollowedFiles& files_;
  const Say say_;
  std::map<Key, std::uint64_t> sizes_;  // of those that were read to another end than theirs said
};

}  // namespace weather::sensors
