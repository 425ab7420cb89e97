// What has been imported from one other log: a slot file in imports/, so that repeating an import adds
// nothing twice. The ranges are the origin's sequences; records up to `scanned` of this log are already
// counted in them. Pure.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "bridge/log/log.hpp"
#include "bridge/log/slot.hpp"

namespace weather::log {

inline constexpr std::string_view import_magic = "GWLIMPT1";

struct ImportMark {
  Sequence scanned = 0;
  std::vector<std::pair<Sequence, Sequence>> ranges;  // inclusive, ascending, never touching
  friend bool operator==(const ImportMark&, const ImportMark&) = default;

  bool contains(Sequence first, Sequence last) const;
  void add(Sequence first, Sequence last);
};

void encode_import_mark(const ImportMark& mark, std::span<std::byte, slot_payload_bytes> to);
ImportMark decode_import_mark(std::span<const std::byte, slot_payload_bytes> from);

}  // namespace weather::log
