#include "bridge/log/identity.hpp"

#include "bridge/log/bytes.hpp"
#include "bridge/log/loss.hpp"

namespace weather::log {
namespace {

constexpr std::size_t id_digits = 32, id_bytes = 16;
constexpr std::size_t origin_bytes =
    28;  // version u8, type u8, flags u8, zero u8, log id 16 bytes, sequence u64
constexpr std::byte imported_version{1}, relayed_version{2};
// The sender is the log that the record is of: its id and number are not said again. And Sender::out_of_band.
constexpr std::uint8_t same_log = 1, sent_out_of_band = 2;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return 0;
}

void put_name(std::string_view name, std::vector<std::byte>& to) {
  name = name.substr(0, max_name_bytes);
  to.push_back(static_cast<std::byte>(name.size()));
  const auto bytes = bytes_of(name);
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// Behind the fixed part: gateway, then sender's gateway and route, then its log id and sequence unless they
// are the record's own.
void put_sender(const Origin& origin, bool same, std::vector<std::byte>& to) {
  put_name(origin.gateway, to);
  const Sender sender = origin.sender.value_or(Sender{});
  put_name(sender.gateway, to);
  put_name(sender.route, to);
  if (same) return;
  const auto at = to.size();
  to.resize(at + id_bytes + 8);
  put_log_id(sender.log_id, &to[at]);
  put(&to[at + id_bytes], sender.sequence);
}

// Takes what put_sender() wrote off the front of origin.payload. False: it is cut short.
bool take_sender(Origin& origin, std::uint8_t flags) {
  auto& rest = origin.payload;
  const auto name = [&rest](std::string& to) {
    if (rest.empty()) return false;
    const auto size = static_cast<std::size_t>(rest[0]);
    if (rest.size() - 1 < size) return false;
    to.assign(reinterpret_cast<const char*>(rest.data()) + 1, size);
    rest = rest.subspan(1 + size);
    return true;
  };
  Sender sender;
  if (!name(origin.gateway) || !name(sender.gateway) || !name(sender.route)) return false;
  sender.out_of_band = (flags & sent_out_of_band) != 0;
  if ((flags & same_log) != 0) {
    sender.log_id = origin.log_id;
    sender.sequence = origin.sequence;
  } else {
    if (rest.size() < id_bytes + 8) return false;
    sender.log_id = get_log_id(rest.data());
    sender.sequence = get<std::uint64_t>(&rest[id_bytes]);
    rest = rest.subspan(id_bytes + 8);
  }
  origin.sender = std::move(sender);
  return true;
}

}  // namespace

void put_log_id(std::string_view id, std::byte* to) {
  for (std::size_t i = 0; i + 1 < id_digits && i + 1 < id.size(); i += 2)
    to[i / 2] = static_cast<std::byte>(digit(id[i]) * 16 + digit(id[i + 1]));
}

std::string get_log_id(const std::byte* from) {
  std::string id;
  for (std::size_t i = 0; i < id_digits; ++i) {
    const auto byte = static_cast<unsigned>(from[i / 2]);
    id += "0123456789abcdef"[(i % 2 == 0 ? byte >> 4U : byte) & 0xFU];
  }
  return id;
}

void encode_origin(const Origin& origin, std::vector<std::byte>& to) {
  const auto at = to.size();
  to.resize(at + origin_bytes);
  to[at] = origin.sender ? relayed_version : imported_version;
  to[at + 1] = static_cast<std::byte>(origin.type);
  put_log_id(origin.log_id, &to[at + 4]);
  put(&to[at + 20], origin.sequence);
  if (origin.sender) {
    const bool same = origin.sender->log_id == origin.log_id && origin.sender->sequence == origin.sequence;
    to[at + 2] =
        static_cast<std::byte>((same ? same_log : 0) | (origin.sender->out_of_band ? sent_out_of_band : 0));
    put_sender(origin, same, to);
  }
  to.insert(to.end(), origin.payload.begin(), origin.payload.end());
}

std::optional<Origin> decode_origin(std::span<const std::byte> body) {
  if (body.size() < origin_bytes || (body[0] != imported_version && body[0] != relayed_version))
    return std::nullopt;
  Origin origin;
  origin.type = static_cast<Type>(body[1]);
  origin.log_id = get_log_id(&body[4]);
  origin.sequence = get<std::uint64_t>(&body[20]);
  origin.payload = body.subspan(origin_bytes);
  if (body[0] == relayed_version && !take_sender(origin, static_cast<std::uint8_t>(body[2])))
    return std::nullopt;
  return origin;
}

Identified identify(const Entry& entry, std::string_view log_id) {
  Identified result{std::string(log_id), entry.type, entry.payload, {}};
  auto sequence = entry.sequence;
  if (entry.type == Type::imported) {
    if (auto origin = decode_origin(entry.payload)) {
      result = {std::move(origin->log_id), origin->type, origin->payload, std::move(origin->gateway)};
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
