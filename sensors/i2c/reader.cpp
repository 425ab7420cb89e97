#include "sensors/i2c/reader.hpp"

#include <array>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "sensors/reading/builder.hpp"

namespace weather::sensors::i2c {
namespace {

constexpr int measurement_tries = 2;  // a disturbance on the wires is no reason to wait for the next one
constexpr std::chrono::milliseconds pause_between_measurements{100};

bool wait_on_this_thread(std::chrono::milliseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

const ChipKind& kind_of(const std::string& chip) {
  if (const auto* kind = find_chip(chip)) return *kind;
  throw std::invalid_argument("there is no chip \"" + chip + "\"");
}

}  // namespace

std::uint8_t address_of(const ReaderOptions& options) {
  if (options.address != 0) return options.address;
  const auto* const kind = find_chip(options.chip);
  return kind == nullptr ? std::uint8_t{0} : kind->address;
}

std::string sensor_id(const ReaderOptions& options) {
  auto bus = std::filesystem::path(options.device).filename().string();
  if (bus.starts_with("i2c-")) bus.erase(0, 4);
  std::array<char, 8> address{};
  std::snprintf(address.data(), address.size(), "-%04x", static_cast<unsigned>(address_of(options)));
  return to_utf8("i2c:" + options.chip + ":" + bus + address.data());
}

Reader::Reader(ReaderOptions options, std::unique_ptr<Port> port, OnChange on_change, Wait wait)
    : options_(std::move(options)),
      address_(address_of(options_)),
      chip_(kind_of(options_.chip).make(options_.settings)),
      port_(std::move(port)),
      on_change_(std::move(on_change)),
      wait_(wait ? std::move(wait) : wait_on_this_thread) {}

std::vector<v1::Reading> Reader::poll(const std::stop_token& stop) {
  Measured measured;
  for (int tries = 0; tries < measurement_tries && measured.values.empty(); ++tries) {
    if (tries > 0 && !wait_(pause_between_measurements, stop)) return {};
    auto done = measure(stop);
    if (!done) return {};
    measured = std::move(*done);
    if (measured.values.empty()) chip_->lost();
  }
  note(measured);
  if (measured.values.empty()) return {};
  return one_reading(reading_of(measured));
}

std::optional<Measured> Reader::measure(const std::stop_token& stop) {
  auto move = chip_->begin();
  while (const auto* step = std::get_if<Step>(&move)) {
    if (stop.stop_requested()) return std::nullopt;
    Bytes bytes;
    if (!step->write.empty() || step->read > 0) {
      auto done = port_->transfer(address_, step->write, step->read);
      if (!done) return failed(std::move(done.error()));
      bytes = std::move(*done);
    }
    if (step->pause.count() > 0 && !wait_(step->pause, stop)) return std::nullopt;
    move = chip_->answer(bytes);
  }
  return std::get<Measured>(std::move(move));
}

void Reader::note(const Measured& measured) {
  ReaderStatus now;
  {
    const std::lock_guard lock(mutex_);
    const auto before = status_;
    ++status_.measurements;
    if (measured.values.empty()) ++status_.failures;
    status_.up = measured.fault.empty();
    status_.reason = measured.fault;
    if (before.measurements > 0 && before.up == status_.up && before.reason == status_.reason) return;
    now = status_;
  }
  if (on_change_) on_change_(now);
}

v1::Reading Reader::reading_of(const Measured& measured) const {
  v1::Reading out;
  out.set_sensor_id(sensor_id(options_));
  out.mutable_source()->set_adapter("i2c");
  out.mutable_source()->set_model(options_.chip);
  out.mutable_source()->set_address(to_utf8(options_.device + " " + hex_address(address_)));
  for (const auto& value : measured.values)
    add_quantity(out, {.name = value.quantity, .unit = value.unit}, value.value);
  if (!measured.fault.empty()) {
    JsonMembers members;
    members.add("i2c_error", std::string_view(measured.fault));
    out.set_extra_json(members.take());
  }
  return out;
}

ReaderStatus Reader::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace weather::sensors::i2c
