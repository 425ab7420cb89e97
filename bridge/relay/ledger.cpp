#include "bridge/relay/ledger.hpp"

#include <algorithm>

#include "bridge/log/bytes.hpp"

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

}  // namespace

Ledger::Stand Ledger::of(const log::Sender& sender) const {
  const auto found = stands_.find(key_of(sender));
  return found == stands_.end() ? Stand{} : found->second;
}

void Ledger::take(const log::Sender& sender, log::Sequence own) {
  if (sender.beside) return;
  auto& stand = stands_[key_of(sender)];
  stand = {std::max(stand.taken, sender.sequence), std::max(stand.own, own)};
  if (stands_.size() <= most_senders_) return;
  stands_.erase(std::min_element(stands_.begin(), stands_.end(),
                                 [](const auto& a, const auto& b) { return a.second.own < b.second.own; }));
}

void Ledger::learn(const log::Entry& entry) {
  if (entry.type != log::Type::imported) return;
  const auto origin = log::decode_origin(entry.payload);
  if (origin && origin->sender) take(*origin->sender, entry.sequence);
}

std::string Ledger::encode() const {
  std::string bytes;
  for (const auto& [key, stand] : stands_) {
    add_text(bytes, std::get<0>(key));
    add_text(bytes, std::get<1>(key));
    add_text(bytes, std::get<2>(key));
    add_number(bytes, stand.taken);
    add_number(bytes, stand.own);
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
    sender.sequence = fields.number();
    const auto own = fields.number();
    if (fields.failed()) return std::nullopt;
    ledger.take(sender, own);
  }
  return ledger;
}

}  // namespace weather::bridge::relay
