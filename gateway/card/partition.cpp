#include "gateway/card/partition.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t table_at = 446, entry_bytes = 16, fat32_label_at = 71, fat16_label_at = 43;
constexpr unsigned fat_types[] = {0x0B, 0x0C, 0x06, 0x0E};
constexpr std::string_view label = "WEATHER    ";

std::uint64_t number(std::string_view bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = count - 1; i >= 0; --i)
    value = value << 8U | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

bool is_signed(std::string_view sector) {
  return sector.size() >= sector_bytes && sector.substr(510, 2) == "\x55\xAA";
}

}  // namespace

tl::expected<Partition, std::string> fat_partition(std::string_view first_sector) {
  const auto no = [](const char* why) {
    return tl::unexpected(
        std::string(why) +
        "; it must be an image of the gateway, unpacked (unzstd, unxz), or a card with one");
  };
  if (!is_signed(first_sector)) return no("has no table of partitions");
  const auto type = number(first_sector, table_at + 4, 1);
  bool fat = false;
  for (const auto known : fat_types) fat = fat || type == known;
  if (!fat) return no("its first partition is no FAT");
  const Partition found{number(first_sector, table_at + 8, 4) * sector_bytes,
                        number(first_sector, table_at + 12, 4) * sector_bytes};
  if (found.offset == 0 || found.bytes == 0) return no("its first partition is empty");
  return found;
}

std::string fat_fault(std::string_view boot_sector) {
  if (!is_signed(boot_sector) || number(boot_sector, 11, 2) != sector_bytes)
    return "its first partition holds no FAT file system";
  if (boot_sector.substr(fat32_label_at, label.size()) != label &&
      boot_sector.substr(fat16_label_at, label.size()) != label)
    return "the FAT file system of its first partition is not called WEATHER: this is no image of the "
           "gateway";
  return {};
}

}  // namespace weather::gateway
