// A file of two slots. One thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "bridge/log/files.hpp"
#include "bridge/log/slot.hpp"
#include "bridge/log/write_file.hpp"

namespace weather::log {

class SlotFile {
 public:
  SlotFile(Files& files, std::filesystem::path path, std::string_view magic);

  struct Loaded {
    SlotBlock block{};
    std::uint16_t format = 0;
    LogId log{};
    bool other_damaged = false;    // one slot is unreadable: normal after a torn write
    std::uint64_t damaged_at = 0;  // where that begins
    std::span<const std::byte, slot_payload_bytes> payload() const {
      return std::span<const std::byte, block_bytes>(block).subspan<slot_header_bytes>();
    }
  };
  // not_found: no file; corrupt: no valid slot; newer: a later format wrote it.
  Result<Loaded> load();

  // Writes the payload (in `block` beyond slot_header_bytes) into the older slot and syncs it. After an error
  // the newer slot is still whole, and the next store writes a new file and renames it over this one.
  Result<void> store(const LogId& log, SlotBlock& block, std::uint16_t format = format_version);
  // Writes a new file with the payload in both slots.
  Result<void> replace(const LogId& log, SlotBlock& block, std::uint16_t format = format_version);

 private:
  Files& files_;
  std::filesystem::path path_;
  std::string magic_;
  std::unique_ptr<File> file_;  // open for writing, nullptr: must be replaced
  std::uint64_t generation_ = 0;
};

}  // namespace weather::log
