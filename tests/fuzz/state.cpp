// STATE and LOG slots: arbitrary blocks, and arbitrary payloads under a valid checksum, decode or are
// refused; what decodes survives encoding.
#include "bridge/log/state.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weather::log;
  SlotBlock block{};
  const auto input = std::as_bytes(std::span(data, std::min(size, block.size())));
  std::copy(input.begin(), input.end(), block.begin());
  for (const auto magic : {state_magic, identity_magic}) static_cast<void>(open_slot(magic, block));
  seal_slot(state_magic, LogId{}, 7, block);
  const auto slot = open_slot(state_magic, block);
  if (!slot || slot->generation != 7) std::abort();
  const State state = decode_state(slot->payload);
  if (state.drops.size() > max_drops) std::abort();
  std::array<std::byte, slot_payload_bytes> again{};
  encode_state(state, again);
  if (!(decode_state(again) == state)) std::abort();
  auto drops = state.drops;
  add_drop(drops, Loss{.first = 1, .last = 2, .records = 2});
  if (drops.size() > max_drops + 1) std::abort();
  return 0;
}
