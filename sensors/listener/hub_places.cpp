// Who may connect when not everybody can, and who gives way.
#include "sensors/listener/connection.hpp"
#include "sensors/listener/hub.hpp"

namespace weather::sensors::listener {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_giving_way = 8;  // for one connection
constexpr std::uint8_t silent = 0, published_before = 1;
// Being heard of more often than that changes nothing in who gives way.
constexpr std::chrono::milliseconds grain{100};

}  // namespace

bool Hub::admit(MqttConnection& connection, Standing& standing, std::string_view address,
                std::size_t cost_bytes) {
  const auto now = Clock::now();
  const auto share = share_of({}, address);
  for (int given = 0;; ++given) {
    if (!connecting_.full() && connection.reserve(cost_bytes)) {
      connecting_.enter(standing.connecting, share, silent, now);
      return true;
    }
    // Of memory the one that has the most gives way, of places the party that has the most.
    MqttConnection* victim = nullptr;
    if (!connecting_.full()) victim = buffers_.gives_way(cost_bytes, nullptr, now);
    if (victim == nullptr) victim = connecting_.gives_way(share, now);
    if (victim == nullptr && !connecting_.full()) victim = connected_.gives_way(share, now);
    if (victim == nullptr || given == most_giving_way) return false;
    victim->give_way("gave way: too many connections without CONNECT, or memory is short");
  }
}

bool Hub::enter(Standing& standing, const std::string& share) {
  const auto now = Clock::now();
  if (connected_.full()) {
    auto* const victim = connected_.gives_way(share, now);
    if (victim == nullptr) return false;
    victim->give_way("gave way: too many connections, and most of this user or address");
  }
  connecting_.leave(standing.connecting);
  connected_.enter(standing.connected, share, silent, now);
  return true;
}

void Hub::heard(Standing& standing, bool published) {
  auto& place = standing.connected;
  const std::uint8_t value = published ? published_before : silent;
  if (place.share == nullptr) return;
  const auto now = Clock::now();
  if (place.value != value || now - place.heard >= grain) connected_.heard(place, value, now);
}

void Hub::abandon(Standing& standing) {
  connecting_.abandon(standing.connecting);
  connected_.abandon(standing.connected);
}

void Hub::left(Standing& standing) {
  connecting_.leave(standing.connecting);
  connected_.leave(standing.connected);
  note_buffer(standing, 0);
}

// Else it would be held until something is durable, which may be long.
void Hub::waits_no_more(const MqttConnection& connection) {
  const auto is_it = [&](const auto& one) { return one.get() == &connection; };
  std::erase_if(waiting_, is_it);
  std::erase_if(stalled_, is_it);
}

void Hub::note_buffer(Standing& standing, std::size_t bytes) {
  if (bytes != standing.buffer.bytes) buffers_.set(standing.owner, standing.buffer, bytes, Clock::now());
}

bool Hub::make_way(const Standing& standing, std::size_t bytes) {
  if (releasing_ >= bytes) return true;
  auto* const victim = buffers_.gives_way(bytes, standing.owner, Clock::now());
  if (victim == nullptr) return false;
  victim->give_way("gave way: memory is short and its unfinished packet was the largest");
  return true;
}

void Hub::released(std::size_t bytes) {
  releasing_ -= bytes;
  if (bytes > 0) retry();
}

void Hub::evicted(bool with_state) {
  ++(with_state ? status_.evicted_with_state : status_.evicted);
}

}  // namespace weather::sensors::listener
