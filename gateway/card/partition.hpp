// Where the FAT partition of an image lies. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::gateway {

inline constexpr std::size_t sector_bytes = 512;

struct Partition {
  std::uint64_t offset = 0, bytes = 0;
};

// Of the disk's first sector. The error can follow "IMAGE: ".
tl::expected<Partition, std::string> fat_partition(std::string_view first_sector);
// Of the partition's first sector: a file system as the image has it, with its label. Empty: it is.
std::string fat_fault(std::string_view boot_sector);

}  // namespace weather::gateway
