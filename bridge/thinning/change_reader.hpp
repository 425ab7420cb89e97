// The log without the readings that say nothing new (changes.hpp). One thread at a time.
//
// What was sent last is not kept: after a restart, and after each rewind, the next reading of each sensor is
// sent, changed or not.
#pragma once

#include "bridge/thinning/changes.hpp"
#include "bridge/thinning/thinned_reader.hpp"

namespace weather::bridge {

class ChangeReader : public ThinnedReader {
 public:
  ChangeReader(const RouteOptions& route, std::unique_ptr<log::Reader> all)
      : all_(std::move(all)), changes_(route) {}

  log::Result<std::span<const log::Entry>> read(std::size_t max_records, std::size_t max_bytes) override {
    auto read = all_->read(max_records, max_bytes);
    if (!read) return read;
    given_.assign(read->begin(), read->end());
    for (auto& entry : given_) {
      if (entry.type != log::Type::reading) continue;
      const std::string_view payload(reinterpret_cast<const char*>(entry.payload.data()),
                                     entry.payload.size());
      if (!changes_.sends(payload, entry.time_ns)) {
        entry.type = log::Type::anchor;
        entry.payload = {};
      }
    }
    return std::span<const log::Entry>(given_);
  }
  log::Sequence position() const override { return all_->position(); }
  void seek(log::Sequence next) override {
    changes_.forget();
    all_->seek(next);
  }
  void set_clock(std::shared_ptr<const ClockTable>) override {}
  bool can_begin_at(log::Sequence) override { return true; }
  bool more() const override { return false; }
  std::optional<std::int64_t> due_ns() const override { return std::nullopt; }

 private:
  std::unique_ptr<log::Reader> all_;
  Changes changes_;
  std::vector<log::Entry> given_;
};

}  // namespace weather::bridge
