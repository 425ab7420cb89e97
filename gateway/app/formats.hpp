// Every format a source can name: built in, presets, and the user's own mappings.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/source_kinds.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "sensors/decoders/registry.hpp"

namespace weather::gateway {

// What the decoders remember of what others send is taken from `memory`; null: for one that lives no longer
// than a look at a message.
sensors::Registry make_registry(const Config& config, sensors::MemoryBudget* memory);
sensors::SparkplugOptions sparkplug_options(const Config& config, sensors::MemoryBudget* memory);

// "unknown format ...": with the one that was meant, and all there are.
std::string no_format(const std::string& format, const sensors::Registry& registry);

// The decoder of a source, with the settings of its format.
inline tl::expected<sensors::Decoder, std::string> make_decoder(const sensors::Registry& registry,
                                                                const Reads& source) {
  return registry.make(source.format, {source.table.begin(), source.table.end()});
}

// `units` of a source: canonical names and UCUM units. The error is a sentence.
tl::expected<sensors::AssumedUnits, std::string> assumed_units(
    const std::map<std::string, std::string>& written);

// The decoder with these units in each message; without any the decoder itself.
sensors::Decoder with_units(sensors::Decoder decode, const std::map<std::string, std::string>& written);

// The same for a source that chooses its decoders itself. Thread-safe as `sink` is.
class UnitsSink final : public sensors::Sink {
 public:
  UnitsSink(sensors::Sink& sink, const std::map<std::string, std::string>& written);
  sensors::Result<sensors::Ticket> accept(const sensors::Message& message, const sensors::Decoder& decode,
                                          sensors::Waits waits) override;
  sensors::Result<sensors::Ticket> store(std::vector<sensors::Reading> readings,
                                         sensors::Waits waits) override {
    return sink_.store(std::move(readings), waits);
  }
  void hurry() override { sink_.hurry(); }
  sensors::Result<void> wait(sensors::Ticket ticket, std::chrono::milliseconds timeout) override {
    return sink_.wait(ticket, timeout);
  }
  sensors::Ticket durable() const override { return sink_.durable(); }
  void on_durable(std::function<void(sensors::Ticket)> callback) override {
    sink_.on_durable(std::move(callback));
  }

 private:
  sensors::Sink& sink_;
  const sensors::AssumedUnits units_;
};

// An unknown format, with its place and the nearest name.
std::vector<ConfigError> check_formats(const Config& config);
// What is written and has no effect, as no source reads with it: no fault, but to be reported.
std::vector<ConfigError> unused_tables(const Config& config);
// Tables that say how payloads of some formats are read, with these formats.
const std::map<std::string, std::vector<std::string>>& format_tables();
// Whether a source of this section, or of any (""), reads with one of the formats.
bool reads_with(const Config& config, const std::string& section, const std::vector<std::string>& formats);

}  // namespace weather::gateway
