// A folder of files in memory, as a writer of measurements and logrotate treat it.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sensors/sources/followed_files.hpp"
#include "tests/unit/sensors/gzipped.hpp"

namespace weather::sensors {

class FileDisk final : public FollowedFiles {
 public:
  struct Node {
    std::uint64_t inode = 0;
    std::string bytes;
    std::int64_t changed_ns = 0;
    bool unreadable = false;
  };
  using NodePtr = std::shared_ptr<Node>;

  tl::expected<std::unique_ptr<FollowedFile>, std::error_code> open(const std::string& path) override {
    const auto found = names.find(path);
    if (found == names.end()) return missing();
    return std::make_unique<Open>(*this, found->second);
  }
  tl::expected<FileFacts, std::error_code> facts(const std::string& path) override {
    const auto found = names.find(path);
    if (found == names.end()) return missing();
    return facts_of(*found->second);
  }
  std::vector<std::string> list(const std::string& folder) override {
    std::vector<std::string> found;
    for (const auto& [path, node] : names)
      if (path.starts_with(folder + '/')) found.push_back(path.substr(folder.size() + 1));
    return found;
  }

  // What a writer and logrotate do. Times only go up, one a call, unless the clock stands.
  void append(const std::string& path, std::string_view bytes) { append(make(path), bytes); }
  void append(const NodePtr& node, std::string_view bytes) {
    node->bytes += bytes;
    touch(*node);
  }
  NodePtr make(const std::string& path) {
    auto& node = names[path];
    if (!node) {
      node = std::make_shared<Node>();
      node->inode = next_inode++;
      touch(*node);
    }
    return node;
  }
  void rename(const std::string& from, const std::string& to) {
    names[to] = names.at(from);
    names.erase(from);
  }
  void copy(const std::string& from, const std::string& to) {
    names.erase(to);
    append(to, names.at(from)->bytes);
  }
  void truncate(const std::string& path, std::size_t size = 0) {
    names.at(path)->bytes.resize(size);
    touch(*names.at(path));
  }
  void remove(const std::string& path) { names.erase(path); }
  // As gzip(1) does: another file, with the time of the one it was made of.
  void compress(const std::string& path) {
    const auto from = names.at(path);
    names.erase(path);
    names.erase(path + ".gz");
    const auto made = make(path + ".gz");
    made->bytes = gzipped(from->bytes);
    made->changed_ns = from->changed_ns;
  }

  std::map<std::string, NodePtr> names;
  std::uint64_t next_inode = 100;
  std::int64_t clock_ns = 1;
  bool clock_stands = false;
  std::uint64_t reads = 0;

 private:
  class Open final : public FollowedFile {
   public:
    Open(FileDisk& disk, NodePtr node) : disk_(disk), node_(std::move(node)) {}
    tl::expected<FileFacts, std::error_code> facts() override { return facts_of(*node_); }
    tl::expected<std::size_t, std::error_code> read(std::uint64_t offset, std::span<char> to) override {
      ++disk_.reads;
      if (node_->unreadable) return tl::unexpected(std::make_error_code(std::errc::io_error));
      const auto from = std::min<std::uint64_t>(offset, node_->bytes.size());
      return node_->bytes.copy(to.data(), to.size(), from);
    }

   private:
    FileDisk& disk_;
    NodePtr node_;
  };
  static tl::unexpected<std::error_code> missing() {
    return tl::unexpected(std::make_error_code(std::errc::no_such_file_or_directory));
  }
  static FileFacts facts_of(const Node& node) { return {1, node.inode, node.bytes.size(), node.changed_ns}; }
  void touch(Node& node) { node.changed_ns = clock_stands ? clock_ns : ++clock_ns; }
};

}  // namespace weather::sensors
