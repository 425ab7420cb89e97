#include "gateway/ingest/redelivery_filter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace weather::gateway {
namespace {

constexpr std::uint64_t fnv_basis = 14695981039346656037U, fnv_prime = 1099511628211U;

static_assert(std::endian::native == std::endian::little, "the hash is kept in the log, and a card may move");

// Of at most eight bytes.
std::uint64_t word_of(std::string_view bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  return word;
}

// The finalizer of MurmurHash3 (Austin Appleby, public domain): every bit of the input moves half of the
// output's.
std::uint64_t mix(std::uint64_t word) {
  word = (word ^ word >> 33U) * 0xFF51AFD7ED558CCDU;
  word = (word ^ word >> 33U) * 0xC4CEB9FE1A85EC53U;
  return word ^ word >> 33U;
}

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * fnv_prime;
  return hash;
}

}  // namespace

std::uint64_t payload_hash(std::string_view bytes) {
  std::uint64_t hash = fnv_basis ^ bytes.size();
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) hash = mix(hash ^ word_of(bytes.substr(0, 8)));
  return mix(hash ^ word_of(bytes));
}

MessageKey message_key(std::string_view source, std::string_view client, std::string_view topic,
                       std::uint32_t packet_id, std::uint64_t payload) {
  // The zero byte keeps ("ab", "c") and ("a", "bc") apart: neither a name nor a topic may contain one.
  std::uint64_t hash = fnv_basis;
  for (const auto part : {source, client, topic}) {
    hash = fnv1a(hash, part);
    hash = fnv1a(hash, std::string_view("\0", 1));
  }
  return {hash, payload, packet_id};
}

std::optional<MessageKey> stored_message(const v1::Reading& reading) {
  const auto& arrival = reading.arrival();
  if (arrival.topic().empty() || arrival.exchange() >= v1::EXCHANGE_RELEASED) return std::nullopt;
  return message_key(arrival.source(), arrival.client(), arrival.topic(), arrival.packet_id(),
                     arrival.payload_hash());
}

RedeliveryFilter::RedeliveryFilter(std::size_t capacity) : capacity_(capacity) {}

void RedeliveryFilter::remember(const MessageKey& key) {
  if (!keys_.empty() && keys_[(next_ + keys_.size() - 1) % keys_.size()] == key) return;
  if (keys_.size() < capacity_) {
    keys_.push_back(key);
  } else {
    keys_[next_] = key;
    next_ = (next_ + 1) % capacity_;
  }
}

bool RedeliveryFilter::contains(const MessageKey& key) const {
  const auto split = keys_.begin() + static_cast<std::ptrdiff_t>(next_);
  return std::find(keys_.begin(), split, key) != split || std::find(split, keys_.end(), key) != keys_.end();
}

bool RedeliveryFilter::contains_payload(const MessageKey& key) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const MessageKey& known) {
    return known.origin == key.origin && known.payload == key.payload;
  });
}

}  // namespace weather::gateway
