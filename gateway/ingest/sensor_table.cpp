#include "gateway/ingest/sensor_table.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "gateway/ingest/shown_reading.hpp"
#include "sensors/reading/quantities.hpp"
#include "sensors/reading/render.hpp"

namespace weather::gateway {
namespace {

constexpr float no_value = std::numeric_limits<float>::quiet_NaN();
constexpr std::int64_t minute_ns = 60'000'000'000;

const v1::Quantity* first_number(const sensors::Reading& reading) {
  for (const auto& quantity : reading.quantities())
    if (quantity.value_case() == v1::Quantity::kNumber || quantity.value_case() == v1::Quantity::kInteger)
      return &quantity;
  return nullptr;
}

// Does the sensor itself speak, now? A broker's or a sensor's memory does not, nor does a driver that only
// says that it heard nothing, nor a payload that could not be decoded.
bool speaks(const sensors::Reading& reading) {
  constexpr std::uint32_t not_now = v1::FLAG_RETAINED | v1::FLAG_HISTORICAL;
  if (reading.sensor_id().empty() || (reading.flags() & not_now) != 0) return false;
  if (reading.quantities_size() == 0) return reading.error().empty();
  return std::any_of(
      reading.quantities().begin(), reading.quantities().end(),
      [](const v1::Quantity& quantity) { return quantity.value_case() != v1::Quantity::VALUE_NOT_SET; });
}

// The worst quality of its quantities, with the checks that failed: "good", "doubtful: temperature (step)".
std::string quality_of(const sensors::Reading& reading) {
  constexpr std::pair<v1::QcFlag, std::string_view> checks[] = {
      {v1::QC_RANGE, "range"},       {v1::QC_STEP, "step"},
      {v1::QC_PERSISTENCE, "stuck"}, {v1::QC_CONSISTENCY, "consistency"},
      {v1::QC_SENTINEL, "sentinel"}, {v1::QC_COUNTER_RESET, "counter reset"},
      {v1::QC_UNIT_SUSPECT, "unit"},
  };
  constexpr std::string_view words[] = {"unchecked", "good", "doubtful", "erroneous", "missing"};
  int worst = v1::QUALITY_UNCHECKED;
  std::string why;
  for (const auto& quantity : reading.quantities()) {
    worst = std::max(worst, static_cast<int>(quantity.quality()));
    if (quantity.qc() == 0 && quantity.quality() <= v1::QUALITY_GOOD) continue;
    std::string failed;
    for (const auto& [flag, name] : checks)
      if ((quantity.qc() & static_cast<std::uint32_t>(flag)) != 0)
        failed += (failed.empty() ? "" : ", ") + std::string(name);
    why += (why.empty() ? "" : "; ") + sensors::member_name(quantity) +
           (failed.empty() ? "" : " (" + failed + ")");
  }
  const bool known = worst >= 0 && worst < static_cast<int>(std::size(words));
  return std::string(words[known ? worst : 0]) + (why.empty() ? "" : ": " + why);
}

// What an entry takes that keeps so many bytes of its reading: the ring, the nodes of the maps with the id,
// and the watch for silence.
std::size_t entry_bytes(const std::string& id, std::size_t kept) {
  return 1280 + 4 * id.size() + kept;
}

float number_of(const v1::Quantity& quantity) {
  return quantity.value_case() == v1::Quantity::kNumber ? static_cast<float>(quantity.number())
                                                        : static_cast<float>(quantity.integer());
}

}  // namespace

void SensorTable::stored(std::vector<sensors::Reading>& readings, std::span<const log::Record> records,
                         log::Sequence last, std::string_view party) {
  const std::lock_guard lock(mutex_);
  auto sequence = last - readings.size();
  for (std::size_t i = 0; i < readings.size(); ++i) {
    auto& reading = readings[i];
    const auto bytes = records[i].payload;
    ++sequence;
    if (tail_) tail_(reading, sequence);
    take(reading, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, party,
         static_cast<std::int64_t>(reading.boot_clock_ns()));
  }
  last_ = std::max(last_, last);
  ++changes_;
}

void SensorTable::take(sensors::Reading& reading, std::string_view encoded, std::string_view party,
                       std::int64_t heard_ns) {
  const auto& id = reading.sensor_id().empty() ? reading.arrival().topic() : reading.sensor_id();
  auto found = sensors_.find(id);
  if (found == sensors_.end()) {
    found = enter(id, reading, party);
    if (found == sensors_.end()) return;
  }
  if (speaks(reading)) silence_.heard(id, heard_ns);
  remember(found, reading, encoded);
}

SensorTable::Entries::iterator SensorTable::enter(const std::string& id, const sensors::Reading& reading,
                                                  std::string_view party) {
  Entry fresh;
  fresh.memory = sensors::Reservation(memory_, sensors::Holder::sensor_table);
  if (sensors_.size() >= most_sensors && !make_way()) return sensors_.end();
  if (!fresh.memory.resize(entry_bytes(id, 0))) {
    // If others have filled the budget, what the table gave up would not be enough.
    if (fresh.memory.must_give_way() || !make_way() || !fresh.memory.resize(entry_bytes(id, 0)))
      return sensors_.end();
  }
  fresh.sender = sender_of(reading, party);
  ++fresh.sender->second.sensors;
  ++fresh.sender->second.party->second;
  return sensors_.emplace(id, std::move(fresh)).first;
}

// Who brought it: what it is counted for where there are too many.
SensorTable::Senders::iterator SensorTable::sender_of(const sensors::Reading& reading,
                                                      std::string_view party) {
  const auto& arrival = reading.arrival();
  std::string share = party.empty() ? "source " + arrival.source() : std::string(party);
  auto key = share + '\n' + arrival.source() + '\n' + arrival.client();
  const auto [sender, fresh] = senders_.try_emplace(std::move(key));
  if (fresh) sender->second.party = parties_.try_emplace(std::move(share)).first;
  return sender;
}

void SensorTable::leave(Entries::iterator entry) {
  const auto sender = entry->second.sender;
  const auto party = sender->second.party;
  if (--sender->second.sensors == 0) senders_.erase(sender);
  if (--party->second == 0) parties_.erase(party);
  silence_.forget(entry->first);
  sensors_.erase(entry);
}

// Several at a time, so that the next ones need not look for them.
bool SensorTable::make_way() {
  constexpr std::size_t at_once = 16;
  struct Candidate {
    std::size_t of_party, of_sender;
    bool heard_again;
    std::int64_t last_ns;
    Entries::iterator entry;
    auto worth() const { return std::pair(heard_again, last_ns); }
    auto crowd() const { return std::pair(of_party, of_sender); }
  };
  std::vector<Candidate> candidates;
  for (auto entry = sensors_.begin(); entry != sensors_.end(); ++entry) {
    const auto& [id, sensor] = *entry;
    if (silence_.expects(id)) continue;
    const auto& sender = sensor.sender->second;
    candidates.push_back({sender.party->second, sender.sensors, sensor.readings > 1, sensor.last_ns, entry});
  }
  if (candidates.empty()) return false;
  const auto most = std::ranges::max_element(candidates, {}, &Candidate::crowd)->crowd();
  std::erase_if(candidates, [&](const auto& one) { return one.crowd() != most; });
  const auto count = std::min({at_once, candidates.size(), std::max<std::size_t>(1, most.first / 100)});
  std::ranges::partial_sort(candidates, candidates.begin() + static_cast<std::ptrdiff_t>(count), {},
                            &Candidate::worth);
  for (std::size_t i = 0; i < count; ++i) leave(candidates[i].entry);
  return true;
}

void SensorTable::remember(Entries::iterator sensor, sensors::Reading& reading, std::string_view encoded) {
  Entry& entry = sensor->second;
  const auto now_ns = static_cast<std::int64_t>(reading.received_time_ns());
  if (entry.readings > 0 && now_ns > entry.last_ns) {
    // Follows a change within a few readings, and forgives one that came late.
    const double gap_s = static_cast<double>(now_ns - entry.last_ns) / 1e9;
    entry.interval_s = entry.interval_s == 0 ? gap_s : entry.interval_s + (gap_s - entry.interval_s) / 8;
  }
  if (const auto* quantity = first_number(reading)) {
    const auto minute = now_ns / minute_ns;
    if (entry.recent.empty()) entry.recent.assign(minutes, no_value);
    // Minutes without a reading stay visible as gaps; a clock that jumped clears the hour.
    const auto skipped = minute - entry.recent_minute;
    if (skipped < 0 || skipped >= static_cast<std::int64_t>(minutes))
      entry.recent.assign(minutes, no_value);
    else
      for (auto at = entry.recent_minute + 1; at <= minute; ++at)
        entry.recent[static_cast<std::size_t>(at) % minutes] = no_value;
    entry.recent[static_cast<std::size_t>(minute) % minutes] = number_of(*quantity);
    entry.recent_minute = minute;
  }
  ++entry.readings;
  entry.last_ns = now_ns;
  if (encoded.size() <= most_shown_bytes) {
    entry.not_shown = 0;
    return keep(sensor, encoded);
  }
  entry.not_shown = static_cast<std::uint32_t>(shorten(reading));
  keep(sensor, reading.SerializeAsString());
}

void SensorTable::keep(Entries::iterator sensor, std::string_view encoded) {
  auto& [id, entry] = *sensor;
  const auto capacity = std::max(entry.last.capacity(), encoded.size());
  if (!entry.memory.resize(entry_bytes(id, capacity))) return;
  if (encoded.size() > entry.last.capacity()) entry.last = std::string();  // else it would grow by half more
  entry.last = encoded;
}

void SensorTable::expect(std::int64_t boot_ns, std::int64_t wall_ns) {
  const std::lock_guard lock(mutex_);
  expected_since_ns_ = wall_ns;
  silence_.expect(boot_ns);
}

std::vector<sensors::SilenceChange> SensorTable::poll_silence(std::int64_t boot_ns) {
  const std::lock_guard lock(mutex_);
  auto changed = silence_.poll(boot_ns);
  changes_ += changed.size();
  alarms_ += changed.size();
  return changed;
}

void SensorTable::restore(const SensorMemories& memories) {
  const std::lock_guard lock(mutex_);
  last_ = memories.last;
  before_ns_ = memories.boot_ns;
  before_boot_ = memories.boot_id;
  for (const auto& kept : memories.sensors) {
    sensors::Reading reading;
    if (!reading.ParseFromString(kept.reading)) reading.Clear();
    const auto entry = enter(kept.id, reading, kept.party);
    if (entry == sensors_.end()) continue;
    entry->second.readings = kept.readings;
    entry->second.last_ns = kept.last_ns;
    entry->second.interval_s = kept.interval_s;
    if (kept.recent.size() == minutes) entry->second.recent = kept.recent;
    entry->second.recent_minute = kept.recent_minute;
    entry->second.not_shown = static_cast<std::uint32_t>(kept.not_shown);
    keep(entry, kept.reading);
    if (kept.silence) silence_.restore(kept.id, before_ns_, *kept.silence);
  }
}

void SensorTable::heard_before(sensors::Reading& reading, std::string_view encoded, log::Sequence last) {
  const std::lock_guard lock(mutex_);
  // Of another boot, or of an unknown one: as late as can be, so that no sensor is missed too early.
  if (reading.boot_id() == before_boot_)
    before_ns_ = std::max(before_ns_, static_cast<std::int64_t>(reading.boot_clock_ns()));
  take(reading, encoded, "", before_ns_);
  last_ = std::max(last_, last);
  ++changes_;
}

void SensorTable::resume(std::int64_t boot_ns) {
  const std::lock_guard lock(mutex_);
  silence_.shift(boot_ns - before_ns_);
}

SensorMemories SensorTable::memories(std::int64_t boot_ns, std::uint64_t boot_id) const {
  const std::lock_guard lock(mutex_);
  SensorMemories memories{{}, last_, boot_ns, boot_id, {}};
  memories.sensors.reserve(sensors_.size());
  for (const auto& [id, entry] : sensors_) {
    auto& kept = memories.sensors.emplace_back();
    kept.id = id;
    kept.party = entry.sender->second.party->first;
    kept.reading = entry.last;
    kept.not_shown = entry.not_shown;
    kept.readings = entry.readings;
    kept.last_ns = entry.last_ns;
    kept.interval_s = entry.interval_s;
    kept.recent = entry.recent;
    kept.recent_minute = entry.recent_minute;
    kept.silence = silence_.memory_of(id, boot_ns);
  }
  return memories;
}

std::uint64_t SensorTable::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

std::uint64_t SensorTable::alarms() const {
  const std::lock_guard lock(mutex_);
  return alarms_;
}

bool SensorTable::forget(const std::string& id, std::int64_t boot_ns) {
  const std::lock_guard lock(mutex_);
  const auto found = sensors_.find(id);
  if (found == sensors_.end()) return false;
  silence_.unlearn(id, boot_ns);
  leave(found);
  ++changes_;
  return true;
}

std::vector<std::string> SensorTable::silent() const {
  const std::lock_guard lock(mutex_);
  return silence_.silent();
}

std::size_t SensorTable::size() const {
  const std::lock_guard lock(mutex_);
  return sensors_.size();
}

SensorStatus SensorTable::status_of(const std::string& id, const Entry& entry) const {
  sensors::Reading last;
  last.ParseFromString(entry.last);
  SensorStatus sensor;
  sensor.id = id;
  sensor.source = last.arrival().source();
  sensor.error = last.error();
  sensor.silent = silence_.is_silent(id);
  if (sensor.error.empty()) {
    sensors::RenderOptions render;
    render.status = false;  // battery, signal and quality have members of their own
    sensor.value_json = sensors::render_value_json(last, render);
    sensor.units_json = sensors::render_units_json(last, render);
    sensor.quality = quality_of(last);
  }
  sensor.quantities_not_shown = entry.not_shown;
  sensor.last_ns = entry.last_ns;
  sensor.event_ns = static_cast<std::int64_t>(last.event_time_ns());
  sensor.readings = entry.readings;
  sensor.interval_s = entry.interval_s;
  const auto& link = last.link();
  if (link.has_battery_v()) sensor.battery_v = link.battery_v();
  if (link.has_battery_ratio()) sensor.battery_ratio = link.battery_ratio();
  sensor.battery_low = (last.flags() & v1::FLAG_BATTERY_LOW) != 0;
  if (link.has_rssi_dbm()) sensor.rssi_dbm = link.rssi_dbm();
  if (const auto* quantity = first_number(last)) {
    sensor.recent_name = sensors::member_name(*quantity);
    sensor.recent_unit = quantity->unit().empty() ? sensors::canonical_unit(quantity->name())
                                                  : std::string_view(quantity->unit());
  }
  for (std::size_t i = 1; i <= entry.recent.size(); ++i)
    sensor.recent.push_back(entry.recent[(static_cast<std::size_t>(entry.recent_minute) + i) % minutes]);
  return sensor;
}

std::vector<SensorStatus> SensorTable::snapshot() const {
  const std::lock_guard lock(mutex_);
  std::vector<SensorStatus> result;
  for (const auto& [id, entry] : sensors_) result.push_back(status_of(id, entry));
  for (const auto& id : silence_.never_heard()) {
    auto& sensor = result.emplace_back();
    sensor.id = id;
    sensor.value_json = "{}";
    sensor.last_ns = expected_since_ns_;  // an age is the time it was waited for
    sensor.silent = silence_.is_silent(id);
  }
  return result;
}

void SensorTable::set_tail(Tail tail) {
  const std::lock_guard lock(mutex_);
  tail_ = std::move(tail);
}

}  // namespace weather::gateway
