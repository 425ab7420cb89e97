#include "gateway/ingest/exchange_book.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"

namespace weather::gateway {
namespace {

using log::bytes_of;
using sensors::HeldIdentifier;

constexpr std::string_view magic = "WGQOS2";
constexpr std::uint16_t format = 1;
constexpr std::size_t block_head_bytes = 8;
constexpr std::size_t entries_of_a_block = 2048;

enum Kind : std::uint8_t { kind_released = 1, kind_ended = 2, kind_held = 3, kind_upto = 4 };
constexpr std::uint8_t kind_bits = 0x0F, same_client = 0x80;

template <class T>
void put(std::string& to, T value) {
  std::byte bytes[sizeof value];
  log::put(bytes, value);
  to.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

void put_text(std::string& to, std::string_view text) {
  put(to, static_cast<std::uint16_t>(std::min<std::size_t>(text.size(), 0xFFFF)));
  to.append(text.substr(0, 0xFFFF));
}

// Reads off the front; after an end that comes too early everything is 0 and failed().
class Input {
 public:
  explicit Input(std::span<const std::byte> bytes) : bytes_(bytes) {}
  bool more() const { return !failed_ && !bytes_.empty(); }
  bool failed() const { return failed_; }
  template <class T>
  T number() {
    const auto raw = take(sizeof(T));
    return raw.empty() ? T{} : log::get<T>(raw.data());
  }
  std::string text() {
    const auto raw = take(number<std::uint16_t>());
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }

 private:
  std::span<const std::byte> take(std::size_t count) {
    failed_ = failed_ || bytes_.size() < count;
    if (failed_) return {};
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  std::span<const std::byte> bytes_;
  bool failed_ = false;
};

}  // namespace

ExchangeBook::Source& ExchangeBook::source(std::string_view name) {
  const auto found = sources_.find(name);
  return found != sources_.end() ? found->second : sources_[std::string(name)];
}

ExchangeBook::Client& ExchangeBook::client(std::string_view source_name, std::string_view name) {
  auto& clients = source(source_name).clients;
  const auto found = clients.find(name);
  return found != clients.end() ? found->second : clients[std::string(name)];
}

void ExchangeBook::released(std::string_view source_name, std::string_view name, std::uint16_t packet_id,
                            std::uint64_t record) {
  auto& known = client(source_name, name);
  auto& upto = known.released[packet_id];
  upto = std::max(upto, record);
  const auto held = known.held.find(packet_id);
  if (held != known.held.end() && held->second.record <= record) known.held.erase(held);
}

void ExchangeBook::ended(std::string_view source_name, std::string_view name, std::uint64_t record) {
  auto& known = client(source_name, name);
  known.ended = std::max(known.ended, record);
  std::erase_if(known.held, [record](const auto& held) { return held.second.record <= record; });
  std::erase_if(known.released, [record](const auto& released) { return released.second <= record; });
}

void ExchangeBook::held(std::string_view source_name, std::span<const HeldIdentifier> held,
                        std::uint64_t upto) {
  for (const auto& one : held) hold(source_name, one);
  reach(source_name, upto);
}

void ExchangeBook::hold(std::string_view source_name, const HeldIdentifier& one) {
  client(source_name, one.client).held[one.packet_id] = one;
}

// What the log will not be asked about any more need not be known to be over.
void ExchangeBook::reach(std::string_view source_name, std::uint64_t upto) {
  auto& known = source(source_name);
  known.upto = std::max(known.upto, upto);
  for (auto next = known.clients.begin(); next != known.clients.end();) {
    auto& one = next->second;
    std::erase_if(one.released, [&known](const auto& released) { return released.second <= known.upto; });
    if (one.ended <= known.upto) one.ended = 0;
    const bool useless = one.ended == 0 && one.held.empty() && one.released.empty();
    next = useless ? known.clients.erase(next) : std::next(next);
  }
}

void ExchangeBook::cut_off(std::uint64_t last_record) {
  for (auto& [name, known] : sources_) {
    known.upto = std::min(known.upto, last_record);
    for (auto& [id, one] : known.clients) {
      std::erase_if(one.held, [last_record](const auto& held) { return held.second.record > last_record; });
      for (auto& released : one.released) released.second = std::min(released.second, last_record);
      one.ended = std::min(one.ended, last_record);
    }
  }
}

sensors::KnownExchanges ExchangeBook::known(std::string_view source_name) const {
  const auto found = sources_.find(source_name);
  if (found == sources_.end()) return {0, {}, [](auto, auto, auto) { return false; }};
  sensors::KnownExchanges result;
  result.upto = found->second.upto;
  for (const auto& [id, one] : found->second.clients)
    for (const auto& [packet_id, held] : one.held) result.held.push_back(held);
  result.is_over = [clients = found->second.clients](std::string_view id, std::uint16_t packet_id,
                                                     std::uint64_t record) {
    const auto known_client = clients.find(id);
    if (known_client == clients.end()) return false;
    const auto& one = known_client->second;
    const auto released = one.released.find(packet_id);
    return record <= one.ended || (released != one.released.end() && record <= released->second);
  };
  return result;
}

std::size_t ExchangeBook::fold(std::span<const std::byte> file, std::size_t from) {
  for (std::size_t whole = from;;) {
    auto length = fold_block(file.subspan(whole));
    const auto page = static_cast<std::size_t>(log::align_up(whole, exchange_page_bytes));
    if (length == 0 && page != whole && page < file.size()) {
      length = fold_block(file.subspan(page));
      if (length > 0) whole = page;
    }
    if (length == 0) return whole;
    whole += length;
  }
}

std::size_t ExchangeBook::fold_block(std::span<const std::byte> bytes) {
  if (bytes.size() < block_head_bytes) return 0;
  const auto length = log::get<std::uint32_t>(&bytes[0]);
  if (length == 0 || length > bytes.size() - block_head_bytes) return 0;
  const auto entries = bytes.subspan(block_head_bytes, length);
  if (log::crc32c(entries) != log::get<std::uint32_t>(&bytes[4]) || !apply(entries)) return 0;
  return block_head_bytes + length;
}

bool ExchangeBook::apply(std::span<const std::byte> entries) {
  Input input(entries);
  HeldIdentifier one;
  std::string source_name;
  while (input.more()) {
    const auto kind = input.number<std::uint8_t>();
    if ((kind & same_client) == 0) {
      source_name = input.text();
      one.client = input.text();
    }
    one.record = input.number<std::uint64_t>();
    const unsigned what = kind & kind_bits;
    if (what == kind_released || what == kind_held) one.packet_id = input.number<std::uint16_t>();
    if (what == kind_held) one.payload_hash = input.number<std::uint64_t>();
    if (input.failed()) return false;
    if (what == kind_released) released(source_name, one.client, one.packet_id, one.record);
    if (what == kind_ended) ended(source_name, one.client, one.record);
    if (what == kind_held) hold(source_name, one);
    if (what == kind_upto) reach(source_name, one.record);
  }
  return !input.failed();
}

std::string ExchangeBook::encode() const {
  std::string all;
  ExchangeEntries entries;
  std::size_t count = 0;
  const auto next = [&] {
    if (++count % entries_of_a_block != 0 || entries.empty()) return;
    entries.append_block(all);
    entries.clear();
  };
  for (const auto& [name, known] : sources_) {
    for (const auto& [id, one] : known.clients) {
      if (one.ended > known.upto) entries.ended(name, id, one.ended);
      for (const auto& [packet_id, record] : one.released) {
        entries.released(name, id, packet_id, record);
        next();
      }
      for (const auto& [packet_id, held] : one.held) {
        entries.held(name, held);
        next();
      }
      next();
    }
    if (known.upto > 0) entries.upto(name, known.upto);
  }
  if (!entries.empty()) entries.append_block(all);
  return all;
}

void ExchangeEntries::start(std::uint8_t kind, std::string_view source, std::string_view client) {
  const bool same = !entries_.empty() && source == source_ && client == client_;
  put(entries_, static_cast<std::uint8_t>(kind | (same ? same_client : 0)));
  if (same) return;
  put_text(entries_, source);
  put_text(entries_, client);
  source_ = source;
  client_ = client;
}

void ExchangeEntries::released(std::string_view source, std::string_view client, std::uint16_t packet_id,
                               std::uint64_t record) {
  start(kind_released, source, client);
  put(entries_, record);
  put(entries_, packet_id);
}

void ExchangeEntries::ended(std::string_view source, std::string_view client, std::uint64_t record) {
  start(kind_ended, source, client);
  put(entries_, record);
}

void ExchangeEntries::held(std::string_view source, const HeldIdentifier& held) {
  start(kind_held, source, held.client);
  put(entries_, held.record);
  put(entries_, held.packet_id);
  put(entries_, held.payload_hash);
}

void ExchangeEntries::upto(std::string_view source, std::uint64_t record) {
  start(kind_upto, source, {});
  put(entries_, record);
}

void ExchangeEntries::clear() {
  entries_.clear();
  source_.clear();
  client_.clear();
}

void ExchangeEntries::append_block(std::string& to) const {
  put(to, static_cast<std::uint32_t>(entries_.size()));
  put(to, log::crc32c(bytes_of(entries_)));
  to += entries_;
}

std::string exchange_head(std::string_view log_id) {
  std::string head(magic);
  put(head, format);
  head.append(log_id.substr(0, 32));
  head.resize(exchange_head_bytes - 4, '\0');
  put(head, log::crc32c(bytes_of(head)));
  return head;
}

log::Result<void> check_exchange_head(std::span<const std::byte> head, std::string_view log_id) {
  if (head.size() < exchange_head_bytes) return log::fail(log::Errc::corrupt);
  const std::string_view text(reinterpret_cast<const char*>(head.data()), exchange_head_bytes);
  if (!text.starts_with(magic)) return log::fail(log::Errc::corrupt);
  if (log::get<std::uint16_t>(&head[magic.size()]) > format) return log::fail(log::Errc::newer);
  if (log::crc32c(head.first(exchange_head_bytes - 4)) !=
      log::get<std::uint32_t>(&head[exchange_head_bytes - 4]))
    return log::fail(log::Errc::corrupt);
  if (text.substr(magic.size() + 2, log_id.size()) != log_id) return log::fail(log::Errc::not_found);
  return {};
}

}  // namespace weather::gateway
