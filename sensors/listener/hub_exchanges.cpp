// What of QoS 2 exchanges outlives the process: given to the keeper, and taken from it at a start.
#include <algorithm>
#include <limits>
#include <utility>

#include "sensors/listener/hub.hpp"

namespace weather::sensors::listener {

ExchangeKeeper::Step Hub::released(std::string_view client_id, std::uint16_t packet_id,
                                   std::uint64_t record) {
  return keeper_ != nullptr ? keeper_->released(options_.name, client_id, packet_id, record) : 0;
}

void Hub::session_ended(std::string_view client_id, std::uint64_t record) {
  if (keeper_ != nullptr) keeper_->ended(options_.name, client_id, record);
}

void Hub::given_up(std::string_view client_id, std::uint16_t packet_id, std::uint64_t record) {
  ++status_.identifiers_given_up;
  if (record != 0) (void)released(client_id, packet_id, record);
}

void Hub::restore() {
  if (keeper_ == nullptr) return;
  kept_ = keeper_->durable();
  known_ = keeper_->known(options_.name);
  keeping_.reported = keeping_.looked = known_.upto;
  const auto now = std::chrono::steady_clock::now();
  // In the order of their publications: where there are too many, the oldest are given up.
  std::sort(known_.held.begin(), known_.held.end(),
            [](const auto& left, const auto& right) { return left.record < right.record; });
  for (const auto& one : known_.held) clients_.restore_held(one, true, now);
  known_.held = {};
  keeper_->needs_from(options_.name, known_.upto + 1);
}

std::uint64_t Hub::restore_from(std::uint64_t last_record) const {
  const auto usual = last_record > read_back ? last_record - read_back + 1 : 1;
  return known_.upto > 0 ? std::min(usual, known_.upto + 1) : usual;
}

void Hub::restore(const v1::Arrival& arrival, std::uint64_t record) {
  if (arrival.source() != options_.name || arrival.client().empty()) return;
  const auto now = std::chrono::steady_clock::now();
  const auto packet_id = static_cast<std::uint16_t>(arrival.packet_id());
  const auto exchange = record > known_.upto ? arrival.exchange() : v1::EXCHANGE_NONE;
  switch (exchange) {
    case v1::EXCHANGE_PUBLISHED:
    case v1::EXCHANGE_HELD:  // this one and the next two: of logs written before there was a keeper
      if (known_.is_over && known_.is_over(arrival.client(), packet_id, record)) break;
      keeping_.last_exchange = record;
      return clients_.restore_held({arrival.client(), packet_id, arrival.payload_hash(), record}, false, now);
    case v1::EXCHANGE_RELEASED:
      return clients_.restore_released(arrival.client(), packet_id);
    case v1::EXCHANGE_FORGOTTEN:
      return clients_.restore_forgotten(arrival.client());
    default:
      break;
  }
  clients_.restore(arrival.client(), now);
}

// Most identifiers are given back within milliseconds and are never stored: only those that stay held.
void Hub::keep_held() {
  if (keeper_ == nullptr || kept_ < keeping_.reporting) return;
  const auto need_from = [this](std::uint64_t record) {
    if (std::exchange(keeping_.needed_from, record) != record) keeper_->needs_from(options_.name, record);
  };
  const auto upto = durable_.sequence;
  std::vector<HeldIdentifier> unreported;
  if (keeping_.last_exchange > keeping_.looked) unreported = clients_.report_held(upto);
  keeping_.looked = std::max(keeping_.looked, upto);
  const auto behind = upto - std::min(upto, keeping_.reported);
  const bool exchanges = keeping_.last_exchange > keeping_.reported;
  const bool report = !unreported.empty() || (exchanges && behind >= reported_every) ||
                      (keeping_.reported > 0 && behind >= reported_anyway_every);
  if (report) {
    keeping_.reporting = keeper_->held(options_.name, unreported, upto);
    keeping_.reported = upto;
  } else {
    need_from(upto + 1);
  }
}

void Hub::stop_keeping() {
  if (keeper_ != nullptr) keeper_->needs_from(options_.name, std::numeric_limits<std::uint64_t>::max());
}

}  // namespace weather::sensors::listener
