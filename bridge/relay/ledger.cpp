#include "bridge/relay/ledger.hpp"

#include <algorithm>

#include "bridge/log/bytes.hpp"
#include "bridge/log/loss.hpp"

namespace weather::bridge::relay {
namespace {

void add_number(std::string& to, std::uint64_t number) {
  std::byte bytes[log::max_varint_bytes];
  const auto* end = log::put_varint(bytes, number);
  to.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(end - bytes));
}

void add_text(std::string& to, const std::string& text) {
  add_number(to, text.size());
  to += text;
}

// What a loss reaches over, in the sender's own log.
std::optional<std::pair<log::Sequence, log::Sequence>> range_of(const log::Origin& relayed) {
  if (relayed.type != log::Type::loss) return std::nullopt;
  const auto loss = log::decode_loss(relayed.payload);
  if (!loss || loss->first == 0) return std::nullopt;
  return std::pair(loss->first, loss->last);
}

}  // namespace

Ledger::Stand Ledger::of(const log::Sender& sender) const {
  const auto found = stands_.find(key_of(sender));
  return found == stands_.end() ? Stand{} : found->second;
}

bool Ledger::has(const log::Origin& relayed) const {
  if (!relayed.sender || relayed.sender->out_of_band) return false;
  const auto stand = of(*relayed.sender);
  if (relayed.sender->sequence > stand.taken) return false;
  const auto range = range_of(relayed);
  return !range || std::find(stand.losses.begin(), stand.losses.end(), *range) != stand.losses.end();
}

void Ledger::take(const log::Origin& relayed, log::Sequence own) {
  if (!relayed.sender || relayed.sender->out_of_band) return;
  auto& stand = stands_[key_of(*relayed.sender)];
  stand.taken = std::max(stand.taken, relayed.sender->sequence);
  stand.own = std::max(stand.own, own);
  if (const auto range = range_of(relayed)) {
    stand.losses.push_back(*range);
    if (stand.losses.size() > most_losses) stand.losses.erase(stand.losses.begin());
  }
  drop_one_too_many();
}

void Ledger::drop_one_too_many() {
  if (stands_.size() <= most_senders_) return;
  stands_.erase(std::min_element(stands_.begin(), stands_.end(),
                                 [](const auto& a, const auto& b) { return a.second.own < b.second.own; }));
}

void Ledger::learn(const log::Entry& entry) {
  if (entry.type != log::Type::imported) return;
  if (const auto origin = log::decode_origin(entry.payload)) take(*origin, entry.sequence);
}

std::string Ledger::encode() const {
  std::string bytes;
  for (const auto& [key, stand] : stands_) {
    add_text(bytes, std::get<0>(key));
    add_text(bytes, std::get<1>(key));
    add_text(bytes, std::get<2>(key));
    add_number(bytes, stand.taken);
    add_number(bytes, stand.own);
    add_number(bytes, stand.losses.size());
    for (const auto& [first, last] : stand.losses) {
      add_number(bytes, first);
      add_number(bytes, last);
    }
  }
  return bytes;
}

std::optional<Ledger> Ledger::decode(std::span<const std::byte> bytes, std::size_t most_senders) {
  Ledger ledger(most_senders);
  for (log::VarintReader fields(bytes); !fields.done();) {
    log::Sender sender;
    sender.gateway = fields.text(fields.number());
    sender.log_id = fields.text(fields.number());
    sender.route = fields.text(fields.number());
    Stand stand;
    stand.taken = fields.number();
    stand.own = fields.number();
    for (auto left = fields.number(); left > 0 && !fields.failed(); --left) {
      const auto first = fields.number();
      stand.losses.emplace_back(first, fields.number());
    }
    if (fields.failed() || stand.losses.size() > most_losses) return std::nullopt;
    ledger.stands_[key_of(sender)] = std::move(stand);
    ledger.drop_one_too_many();
  }
  return ledger;
}

}  // namespace weather::bridge::relay
