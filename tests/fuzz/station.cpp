// Fuzz target: a station of the local network that answers anything, in any pieces, and broadcasts anything.
// It aborts if an answer grows beyond its bound, an error says nothing, or what is taken of the wind is not
// the polled device's.
#include <cstdint>
#include <string_view>

#include "sensors/decoders/weatherlink.hpp"
#include "sensors/sources/http_answer.hpp"
#include "sensors/sources/weatherlink_answer.hpp"
#include "sensors/sources/weatherlink_wind.hpp"
#include "tests/fuzz/readings.hpp"

namespace {

using namespace weather::sensors;

constexpr std::size_t most_body = 4096;

void look(std::string_view payload) {
  using Kind = WeatherlinkAnswer::Kind;
  const auto answer = look_at_weatherlink(payload);
  demand((answer.kind == Kind::error || answer.kind == Kind::other) == !answer.text.empty());
  demand(answer.kind != Kind::broadcast || (answer.port > 0 && answer.duration.count() > 0));
  WeatherlinkWind wind(decode_weatherlink);
  wind.polled(answer.did.empty() ? "001D0A700002" : answer.did, answer.time_ns);
  Message message;
  message.payload = payload;
  const auto first = wind.decode(message), second = wind.decode(message);
  demand_sound(first);
  demand(!second || second->empty());
  if (first)
    for (const auto& reading : *first) demand(reading.sensor_id().starts_with("davis:"));
}

void read(std::string_view bytes, std::size_t piece) {
  HttpAnswerReader reader(most_body);
  while (true) {
    const auto some = bytes.substr(0, piece);
    bytes.remove_prefix(some.size());
    const auto whole = some.empty() ? reader.end() : reader.feed(some);
    if (!whole) return demand(!whole.error().empty());
    if (!*whole) continue;
    const auto answer = reader.take();
    demand(answer.body.size() <= most_body);
    return look(answer.body);
  }
}

}  // namespace

// The first byte: how many bytes come at once; 0: the rest is a datagram.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0)
    look(rest);
  else
    read(rest, data[0]);
  return 0;
}
