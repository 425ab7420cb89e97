// A disk as a power cut sees it: what is durable, what is only in the page cache, and every disk that could
// be found after the power comes back. Pure data: no thread, no clock, no file. Copies are cheap (shared
// pages).
//
// The model, harsher than ext4 and never kinder:
//  - written bytes are durable after sync_data of the file; until then each 4 KiB page with an unsynced write
//    may be found old, new, in any state between, or, sector by sector (512 B), old, new or garbage. So a
//    page that is rewritten while it holds acknowledged bytes puts these at risk, as a dying SD card does;
//  - creations, renames and removals are durable after sync_dir of every folder they touch; until then any
//    subset of them may be found, in particular a later one without an earlier one, but never two names of
//    one file;
//  - sync_data does not make a name durable, sync_dir does not make content durable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "tests/crash/random.hpp"

namespace weather::log::test {

constexpr std::size_t page_bytes = 4096, sector_bytes = 512;
using Page = std::array<std::byte, page_bytes>;
using PagePtr = std::shared_ptr<const Page>;  // null: zeros
using Inode = std::uint64_t;

// How the unsynced part of the disk is treated by one power cut.
enum class Cut : std::uint8_t { keep_all, omit_all, whole_pages, torn_sectors, garbage, mixed };
constexpr std::uint64_t cut_kinds = 6;

struct Content {
  std::vector<PagePtr> pages;
  std::uint64_t size = 0;
};

class Disk {
 public:
  explicit Disk(std::uint64_t capacity_bytes) : capacity_(capacity_bytes) {}

  // The name space. Paths are absolute and normal. Nothing here fails: SimFiles checks first.
  std::optional<Inode> find(const std::string& path) const;
  bool is_folder(const std::string& path) const { return path == "/" || folders_.count(path) != 0; }
  Inode create(const std::string& path);
  void rename(const std::string& from, const std::string& to);
  void remove(const std::string& path);
  void make_folder(const std::string& path);
  void sync_folder(const std::string& path);
  std::vector<std::string> list(const std::string& folder) const;

  // Content.
  std::uint64_t size(Inode inode) const { return files_.at(inode)->now.size; }
  std::size_t read(Inode inode, std::uint64_t offset, std::span<std::byte> to) const;
  void write(Inode inode, std::uint64_t offset, std::span<const std::byte> from);
  void sync_data(Inode inode);
  // What Linux does when a sync fails: some dirty pages reached the disk, all are marked clean, and the page
  // cache goes on showing the new bytes. A later sync_data succeeds and lies.
  void fail_sync(Inode inode, Random& random);
  // The page cache shows what is on the disk, and what is still to be written.
  void drop_cached(Inode inode);
  // Changes bytes behind everybody's back (bit rot), durable at once.
  void damage(Inode inode, std::uint64_t offset, std::span<const std::byte> bytes);
  void truncate(Inode inode, std::uint64_t size);

  std::uint64_t capacity() const { return capacity_; }
  std::uint64_t used() const;
  // The disk one finds when the power comes back.
  Disk after_power_cut(Cut cut, Random& random) const;
  std::vector<std::string> all_files() const;

 private:
  struct PageWrite {
    std::uint64_t page;
    PagePtr after;
  };
  struct FileState {
    Content now, durable;
    std::vector<PageWrite> unsynced;
  };
  struct NameChange {
    enum class Kind : std::uint8_t { create, rename, remove, make_folder } kind;
    Inode inode;
    std::string from, to;  // rename uses both, the others only from
    bool from_synced, to_synced;
  };
  using Names = std::map<std::string, Inode>;

  FileState& own(Inode inode);  // a private copy to change
  static void apply(const NameChange& change, Names& names, std::set<std::string>& folders);
  static Content cut_content(const FileState& file, Cut cut, Random& random);

  std::uint64_t capacity_;
  Inode next_inode_ = 1;
  std::map<Inode, std::shared_ptr<FileState>> files_;
  Names names_, durable_names_;
  std::set<std::string> folders_, durable_folders_;
  std::vector<NameChange> unsynced_names_;
};

std::string folder_of(const std::string& path);

}  // namespace weather::log::test
