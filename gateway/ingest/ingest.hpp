// Where every reading enters: decode, drop redeliveries, stamp, encode, append. The sink the sources are
// given.
//
// Thread-safe: called from Paho's thread, the io thread and pollers. Blocks on nothing but its own mutex (and
// on the log's append) except in wait().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/log/log.hpp"
#include "gateway/clock/stamp.hpp"
#include "gateway/ingest/durable_times.hpp"
#include "gateway/ingest/redelivery_filter.hpp"
#include "gateway/status/source_counters.hpp"
#include "sensors/quality/stage.hpp"
#include "sensors/reading/source_time.hpp"
#include "sensors/sink.hpp"

namespace weather::gateway {

struct IngestOptions {
  std::string gateway_id;
  // on_full = "drop_newest": what the log has no room for is dropped; the sender may go on once that is
  // counted.
  bool drop_when_full = false;
  std::size_t max_payload_bytes = 256U << 10;  // a larger one is stored as its first kilobyte, marked
  sensors::StageOptions stage = {};            // sensors' names, derived quantities, quality flags
  sensors::TimeLimits time_limits = {};        // which times of sensors are believed
  std::function<void(const std::string&)> report = {};  // a sentence for people; at the start
};

// Called with what was accepted, on the thread that brought it, under ingest's mutex: be quick. May take the
// readings: they are not needed any more.
class IngestObserver {
 public:
  virtual ~IngestObserver() = default;
  // records: the readings as they were stored. party: whose they are where places are shared out
  // (Message::party); empty: their source's.
  virtual void stored(std::vector<sensors::Reading>& readings, std::span<const log::Record> records,
                      log::Sequence last, std::string_view party) = 0;
};

class Ingest final : public sensors::Sink {
 public:
  // log and stamper must outlive it; observer may be null. Reads the log's last records, to know
  // redeliveries; left: what of that is not in the log any more (redelivery_ring.hpp).
  Ingest(log::Log& log, Stamper& stamper, IngestOptions options, IngestObserver* observer,
         const std::vector<MessageKey>& left = {});

  sensors::Result<sensors::Ticket> accept(const sensors::Message& message, const sensors::Decoder& decode,
                                          sensors::Waits waits) override;
  sensors::Result<sensors::Ticket> store(std::vector<sensors::Reading> readings,
                                         sensors::Waits waits) override;
  void hurry() override;
  sensors::Result<void> wait(sensors::Ticket ticket, std::chrono::milliseconds timeout) override;
  sensors::Ticket durable() const override;
  void on_durable(std::function<void(sensors::Ticket)> callback) override;

  using Counters = std::map<std::string, SourceCounters, std::less<>>;
  Counters counters() const;
  // From now on: names, derived quantities, quality flags.
  void set_stage(const sensors::StageOptions& stage);
  log::Histogram durable_times() const { return durable_times_->histogram(); }

 private:
  sensors::Result<sensors::Ticket> pass_over(SourceCounters& counters);
  bool drop_ignored(SourceCounters& counters, std::vector<sensors::Reading>& readings);
  SourceCounters& counters_of(std::string_view source);
  sensors::Result<sensors::Ticket> append(SourceCounters& counters, std::vector<sensors::Reading> readings,
                                          const Stamp& stamp, sensors::Waits waits,
                                          std::string_view party = {});
  // Tells why the sensor's own time was replaced; "" if it was not.
  std::string_view stamp_reading(sensors::Reading& reading, const Stamp& stamp) const;
  void remember_stored(const std::vector<MessageKey>& left);

  log::Log& log_;
  Stamper& stamper_;
  const IngestOptions options_;
  IngestObserver* const observer_;
  std::mutex stage_mutex_;               // guards stage_; never held together with mutex_
  std::optional<sensors::Stage> stage_;  // always there; replaced as a whole
  mutable std::mutex mutex_;
  Counters counters_;  // an entry stays where it is
  RedeliveryFilter redeliveries_;
  sensors::Ticket last_ = 0;                                                        // of the newest append
  std::shared_ptr<DurableTimes> durable_times_ = std::make_shared<DurableTimes>();  // the log's thread's too
};

}  // namespace weather::gateway
