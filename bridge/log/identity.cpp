#include "bridge/log/identity.hpp"

#include "bridge/log/bytes.hpp"
#include "bridge/log/loss.hpp"

namespace weather::log {
namespace {

constexpr std::size_t id_digits = 32;
constexpr std::size_t origin_bytes = 28;  // version u8, type u8, zero u16, log id 16 bytes, sequence u64

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return 0;
}

}  // namespace

void encode_origin(const Origin& origin, std::vector<std::byte>& to) {
  const auto at = to.size();
  to.resize(at + origin_bytes);
  to[at] = std::byte{1};
  to[at + 1] = static_cast<std::byte>(origin.type);
  for (std::size_t i = 0; i + 1 < id_digits && i + 1 < origin.log_id.size(); i += 2) {
    to[at + 4 + i / 2] = static_cast<std::byte>(digit(origin.log_id[i]) * 16 + digit(origin.log_id[i + 1]));
  }
  put(&to[at + 20], origin.sequence);
  to.insert(to.end(), origin.payload.begin(), origin.payload.end());
}

std::optional<Origin> decode_origin(std::span<const std::byte> body) {
  if (body.size() < origin_bytes || body[0] != std::byte{1}) return std::nullopt;
  Origin origin;
  origin.type = static_cast<Type>(body[1]);
  for (std::size_t i = 0; i < id_digits; ++i) {
    const auto byte = static_cast<unsigned>(body[4 + i / 2]);
    origin.log_id += "0123456789abcdef"[(i % 2 == 0 ? byte >> 4U : byte) & 0xFU];
  }
  origin.sequence = get<std::uint64_t>(&body[20]);
  origin.payload = body.subspan(origin_bytes);
  return origin;
}

Identified identify(const Entry& entry, std::string_view log_id) {
  Identified result{std::string(log_id), entry.type, entry.payload};
  auto sequence = entry.sequence;
  if (entry.type == Type::imported) {
    if (auto origin = decode_origin(entry.payload)) {
      result = {std::move(origin->log_id), origin->type, origin->payload};
      sequence = origin->sequence;
    }
  }
  if (result.type == Type::loss) {
    // A loss with a range has no sequence of its own: the range is its identity.
    if (const auto loss = decode_loss(result.payload); loss && loss->first != 0) {
      result.id += '-' + std::to_string(loss->first) + '-' + std::to_string(loss->last);
      return result;
    }
  }
  result.id += '-' + std::to_string(sequence);
  return result;
}

}  // namespace weather::log
