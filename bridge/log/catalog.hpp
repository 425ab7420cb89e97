// Which segments there are: written by the log thread, read by readers. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "bridge/log/log.hpp"
#include "bridge/log/loss.hpp"

namespace weather::log {

struct Segment {
  std::uint64_t number = 0;
  Sequence base = 1;
  bool dense = false;
  std::filesystem::path path;
  std::atomic<std::uint64_t> file_bytes{0};
  std::atomic<std::uint64_t> readable{0};  // readers may parse the file up to here: it is durable
  std::atomic<bool> retired{false};  // no longer part of the log; its file may be overwritten at any time
  std::atomic<bool> damaged{false};  // goes to quarantine instead of being used again
  std::atomic<bool> kept{false};     // densify looked at it and left it as it is
};
using SegmentPtr = std::shared_ptr<Segment>;

class Catalog {
 public:
  // A segment and where its records end: where the next one's begin, or at the end of the log.
  struct Place {
    SegmentPtr segment;
    Sequence end = 0;  // sequence after its last record
    std::uint64_t readable = 0;
    bool last = false;  // more may be written to it
  };
  struct View {
    Sequence first = 1, end = 1;
    std::vector<Loss> drops;
  };

  View view() const;
  Sequence end() const { return end_.load(std::memory_order_acquire); }
  // The segment that holds `sequence`, or the next one after it; nothing: there is none.
  std::optional<Place> find(Sequence sequence) const;
  std::vector<Place> all() const;
  std::optional<Place> front() const;
  std::size_t size() const;
  std::uint64_t bytes() const;

  // Log thread only.
  void add(SegmentPtr segment);
  void pop_front();  // retires it
  void remove(const SegmentPtr& segment);
  void replace(const SegmentPtr& old, const SegmentPtr& fresh);
  void set_readable(const SegmentPtr& segment, std::uint64_t readable, Sequence end);
  void set_end(Sequence end);
  void set_first(Sequence first, std::vector<Loss> drops);

 private:
  Place place(std::size_t index) const;

  mutable std::mutex mutex_;
  std::vector<SegmentPtr> segments_;
  std::atomic<Sequence> end_{1};  // written under the mutex
  Sequence first_ = 1;
  std::vector<Loss> drops_;
};

}  // namespace weather::log
