// What another gateway, or whoever has a token, may send: a batch with the right checksum, an answer, and the
// file of what was sent.
#include <cstdlib>
#include <vector>

#include "bridge/log/bytes.hpp"
#include "bridge/log/crc32c.hpp"
#include "bridge/relay/answer.hpp"
#include "bridge/relay/batch.hpp"
#include "bridge/relay/ledger.hpp"

using namespace weather;
using namespace weather::bridge::relay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(reinterpret_cast<const std::byte*>(data),
                               reinterpret_cast<const std::byte*>(data) + size);
  constexpr std::size_t crc_at = 28, head_bytes = 36;
  if (size > head_bytes) log::put(&bytes[crc_at], log::crc32c(std::span(bytes).subspan(head_bytes)));
  if (const auto batch = decode_batch(bytes)) {
    log::Sequence last = 0;
    for (const auto& record : batch->records) {
      const auto& sender = record.origin.sender;
      if (!sender || sender->gateway != batch->from.gateway || sender->log_id != batch->from.log_id)
        std::abort();
      if (!sender->out_of_band && sender->sequence <= last) std::abort();
      if (!sender->out_of_band) last = sender->sequence;
      if (record.origin.payload.size() > record.body.size()) std::abort();
    }
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto answer = answer_from(text))
    if (answer_from(to_json(*answer)) != answer) std::abort();
  static_cast<void>(problem_text(text) + problem_error(text));
  if (const auto ledger = Ledger::decode(log::bytes_of(text))) {
    const auto kept = ledger->encode();
    const auto again = Ledger::decode(log::bytes_of(kept));
    if (!again || again->encode() != kept) std::abort();
  }
  return 0;
}
