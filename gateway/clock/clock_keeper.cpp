#include "gateway/clock/clock_keeper.hpp"

#include <algorithm>
#include <vector>

#include "bridge/log/for_each.hpp"
#include "bridge/log/identity.hpp"
#include "gateway/clock/clock_judge.hpp"
#include "sensors/reading/view.hpp"

namespace weather::gateway {
namespace {

// Of these last readings the times are looked at: enough to know how far time had come.
constexpr log::Sequence judged_readings = 16'384;

bool doubtful(v1::ClockQuality quality) {
  return quality == v1::CLOCK_UNSYNCHRONISED;
}

}  // namespace

ClockKeeper::ClockKeeper(log::Log& log, Stamper& stamper, const sensors::TimeLimits& limits)
    : log_(log), stamper_(stamper), table_(std::make_shared<bridge::ClockTable>(limits)) {
  recall();
}

// Anchors stand behind the readings they are about: first all anchors, then the times.
void ClockKeeper::recall() {
  const auto own_boot = stamper_.now().boot_id;
  const auto appended = log_.status().appended;
  auto table = std::make_shared<bridge::ClockTable>(*table_);
  std::vector<std::pair<sensors::ReadingTimes, log::Sequence>> readings;
  sensors::ReadingView reading;
  const auto look = [&](const log::Entry& entry) {
    const auto known = log::identify(entry, log_.id());
    if (known.type == log::Type::anchor) {
      const auto anchors = bridge::decode_anchors(known.payload, entry.sequence);
      const bool foreign = entry.type == log::Type::imported;
      if (!anchors) return;
      if (!foreign) written_at_ = entry.sequence;
      for (auto anchor : *anchors) {
        if (foreign) anchor.sequence = bridge::foreign_sequence;
        table->learn(anchor);
      }
    } else if (entry.type == log::Type::reading && entry.sequence + judged_readings > appended) {
      if (!sensors::read(known.payload, reading)) return;
      doubtful_ |= reading.times.boot_id == own_boot && doubtful(reading.times.clock_quality);
      readings.emplace_back(reading.times, entry.sequence);
    }
  };
  static_cast<void>(log::for_each_stored(log_, log::newest_from(log_, looked_at), look, appended));
  for (auto& [times, sequence] : readings) {
    bridge::restamp(times, sequence, *table);
    newest_ns_ = std::max(newest_ns_, times.received_ns);
  }
  for (const auto& anchor : table->anchors())
    if (anchor.known) newest_ns_ = std::max(newest_ns_, anchor.wall_ns);
  table_ = std::move(table);
}

void ClockKeeper::on_change(std::function<void(Table)> report) {
  report_ = std::move(report);
  report_(table_);
}

bool ClockKeeper::behind_the_log() const {
  return stamper_.now().wall_ns < newest_ns_;
}

bool ClockKeeper::poll() {
  bool became_known = false;
  const auto stamp = stamper_.now();
  const auto* anchor = table_->find(stamp.boot_id);
  if (doubtful(stamp.quality)) {
    doubtful_ = true;
    // A guess, so that this boot's readings follow those before it even if its clock never becomes known.
    if (anchor == nullptr && stamp.wall_ns < newest_ns_)
      learn({stamp.boot_id, stamp.boot_ns, newest_ns_, log_.status().appended + 1, false});
  } else if (doubtful_) {
    const auto believed = table_->wall_ns(stamp.boot_id, stamp.boot_ns);
    if (anchor == nullptr || !anchor->known || ClockJudge::is_step(*believed, stamp.wall_ns))
      learn({stamp.boot_id, stamp.boot_ns, stamp.wall_ns, log_.status().appended + 1, true}),
          became_known = true;
  }
  const bool due = !table_->anchors().empty() && log_.status().appended > written_at_ + written_again_after;
  if (unwritten_ || due) unwritten_ = !write();
  return became_known;
}

void ClockKeeper::learn(const bridge::ClockAnchor& anchor) {
  auto table = std::make_shared<bridge::ClockTable>(*table_);
  table->learn(anchor);
  table->forget_before(log_.status().first);
  table_ = std::move(table);
  unwritten_ = true;
  if (report_) report_(table_);
}

// Nothing waits for this record; it shares the next commit.
bool ClockKeeper::write() {
  const auto bytes = bridge::encode_anchors(*table_);
  const log::Record record{stamper_.now().wall_ns, log::Type::anchor, bytes};
  const auto written = log_.append({&record, 1}, log::Wait::grouped);
  if (written) written_at_ = *written;
  return written.has_value();
}

}  // namespace weather::gateway
