// What the file of QoS 2 exchanges says, and its bytes. Pure.
//
// A file is a head (magic, id of the log) and blocks: length, CRC-32C, entries. A block follows the one
// before or starts the next page of 4 KiB: what is appended must not share a page with what is durable, which
// a power cut could take with it. A block counts as a whole or not at all; where none is, the file ends.
// Entries are folded in order, and each names the record it speaks of, so that the order between this file
// and the log does not matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/log/result.hpp"
#include "sensors/exchanges.hpp"

namespace weather::gateway {

class ExchangeBook {
 public:
  void released(std::string_view source, std::string_view client, std::uint16_t packet_id,
                std::uint64_t record);
  void ended(std::string_view source, std::string_view client, std::uint64_t record);
  void held(std::string_view source, std::span<const sensors::HeldIdentifier> held, std::uint64_t upto);
  // The log has no record behind this one: what speaks of one is forgotten.
  void cut_off(std::uint64_t last_record);

  sensors::KnownExchanges known(std::string_view source) const;
  bool empty() const { return sources_.empty(); }

  // Folds the blocks of a file from this offset on; where they end.
  std::size_t fold(std::span<const std::byte> file, std::size_t from);
  // Everything that is still of use, as blocks.
  std::string encode() const;

 private:
  struct Client {
    std::uint64_t ended = 0;
    std::map<std::uint16_t, sensors::HeldIdentifier> held;
    std::map<std::uint16_t, std::uint64_t> released;  // records behind upto that the log will tell of
  };
  struct Source {
    std::uint64_t upto = 0;
    std::map<std::string, Client, std::less<>> clients;
  };
  std::size_t fold_block(std::span<const std::byte> bytes);  // its length; 0: there is no whole one
  bool apply(std::span<const std::byte> entries);
  void hold(std::string_view source, const sensors::HeldIdentifier& one);
  void reach(std::string_view source, std::uint64_t upto);
  Source& source(std::string_view name);
  Client& client(std::string_view source_name, std::string_view name);

  std::map<std::string, Source, std::less<>> sources_;
};

// The entries of one block, and the block.
class ExchangeEntries {
 public:
  void released(std::string_view source, std::string_view client, std::uint16_t packet_id,
                std::uint64_t record);
  void ended(std::string_view source, std::string_view client, std::uint64_t record);
  void held(std::string_view source, const sensors::HeldIdentifier& held);
  void upto(std::string_view source, std::uint64_t record);

  bool empty() const { return entries_.empty(); }
  void clear();
  void append_block(std::string& to) const;

 private:
  void start(std::uint8_t kind, std::string_view source, std::string_view client);
  std::string entries_, source_, client_;  // the last two: of the entry before, not said again
};

inline constexpr std::size_t exchange_head_bytes = 64, exchange_page_bytes = 4096;
std::string exchange_head(std::string_view log_id);
// not_found: another log's; corrupt: no head; newer: a later format.
log::Result<void> check_exchange_head(std::span<const std::byte> head, std::string_view log_id);

}  // namespace weather::gateway
