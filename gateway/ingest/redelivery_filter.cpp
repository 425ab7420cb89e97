#include "gateway/ingest/redelivery_filter.hpp"

#include <algorithm>

namespace weather::gateway {
namespace {

constexpr std::uint64_t fnv_basis = 14695981039346656037U, fnv_prime = 1099511628211U;

std::uint64_t fnv1a(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * fnv_prime;
  return hash;
}

}  // namespace

std::uint64_t payload_hash(std::string_view bytes) {
  return fnv1a(fnv_basis, bytes);
}

MessageKey message_key(std::string_view source, std::string_view topic, std::uint32_t packet_id,
                       std::uint64_t payload) {
  // The zero byte keeps ("ab", "c") and ("a", "bc") apart: neither a name nor a topic may contain one.
  std::uint64_t hash = fnv1a(fnv_basis, source);
  hash = fnv1a(hash, std::string_view("\0", 1));
  hash = fnv1a(hash, topic);
  for (int shift = 0; shift < 32; shift += 8) {
    const char byte = static_cast<char>(packet_id >> shift & 0xFFU);
    hash = fnv1a(hash, {&byte, 1});
  }
  return {hash, payload};
}

RedeliveryFilter::RedeliveryFilter(std::size_t capacity) : capacity_(capacity) {}

void RedeliveryFilter::remember(const MessageKey& key) {
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

}  // namespace weather::gateway
