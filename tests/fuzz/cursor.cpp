// Cursor slots, loss bodies and the bodies of imported records: arbitrary bytes decode or are refused.
#include <algorithm>
#include <cstdlib>

#include "bridge/log/identity.hpp"
#include "bridge/log/loss.hpp"
#include "bridge/log/state.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::log;
  const auto input = std::as_bytes(std::span(data, size));
  SlotBlock block{};
  std::copy_n(input.begin(), std::min(size, block.size()), block.begin());
  static_cast<void>(open_slot(cursor_magic, block));
  seal_slot(cursor_magic, LogId{}, 7, block);
  const auto slot = open_slot(cursor_magic, block);
  if (!slot || slot->generation != 7) std::abort();
  const CursorSlot cursor = decode_cursor(slot->payload);
  std::array<std::byte, slot_payload_bytes> again{};
  encode_cursor(cursor, again);
  if (!(decode_cursor(again) == cursor)) std::abort();
  if (const auto loss = decode_loss(input)) {
    std::array<std::byte, loss_body_bytes> body{};
    encode_loss(*loss, body);
    if (!(decode_loss(body) == loss)) std::abort();
    static_cast<void>(to_json(*loss) + to_sentence(*loss));
    static_cast<void>(clip(*loss, loss->first + 1));
  }
  if (const auto origin = decode_origin(input)) {
    std::vector<std::byte> body;
    encode_origin(*origin, body);
    const auto twice = decode_origin(body);
    if (!twice || twice->log_id != origin->log_id || twice->sequence != origin->sequence ||
        twice->type != origin->type || twice->payload.size() != origin->payload.size()) {
      std::abort();
    }
  }
  return 0;
}
