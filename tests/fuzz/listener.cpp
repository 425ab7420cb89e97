// Fuzz target: two MQTT sessions of one client registry, fed with any bytes in any pieces while commits, full
// sinks, late verdicts and time come in between. It aborts if an acknowledgement goes out for what is not
// durable, or if the server's own bytes are not whole packets.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "sensors/listener/session.hpp"

namespace {

using namespace weather::sensors::listener;

void demand(bool right) {
  if (!right) std::abort();
}

struct World final : Outside, Announcer {
  std::uint64_t stored = 0, durable = 0, steps = 0;
  std::uint64_t acknowledged = 0, not_collected = 0;
  bool refuse = false, late = false;
  int random = 0;

  tl::expected<weather::sensors::Ticket, std::error_code> store(const Publication& publication) override {
    if (refuse) return tl::make_unexpected(std::make_error_code(std::errc::no_space_on_device));
    demand(!publication.topic.empty() && publication.qos <= 2);
    demand((publication.qos > 0) == (publication.packet_id != 0));
    return ++stored;
  }
  weather::sensors::ExchangeKeeper::Step released(std::string_view, std::uint16_t packet_id,
                                                  std::uint64_t record) override {
    demand(packet_id != 0 && record != 0);
    return ++steps;
  }
  bool collects(std::string_view topic) override {
    not_collected += topic.front() == '$' ? 1 : 0;
    return topic.front() != '$';
  }
  std::optional<Login> login(const Credentials& credentials) override {
    if (late) return {};
    if (credentials.user_name == "no") return Login{.reason = Reason::bad_user_name_or_password};
    return Login{.user = std::string(credentials.user_name.value_or("")), .topic_prefixes = {}};
  }
  void session_ended(std::string_view client_id, std::uint64_t record) override {
    demand(!client_id.empty() && record != 0);
  }
  void given_up(std::string_view, std::uint16_t packet_id, std::uint64_t) override { demand(packet_id != 0); }
  void went_away(const WentAway& client) override { demand(!client.topic.empty()); }
  std::string random_client_id() override { return "auto" + std::to_string(++random); }
  void taken_over() override {}
  std::uint64_t payload_hash(std::string_view payload) override { return payload.size(); }
};

// Whole packets of types a server sends; PUBACKs of stored publications never outrun the durable tickets.
void check_output(std::string_view out, World& world) {
  while (!out.empty()) {
    demand(out.size() >= 2);
    const auto type = static_cast<unsigned char>(out[0]) >> 4U;
    std::size_t length = 0, header = 1;
    for (unsigned shift = 0;; shift += 7) {
      demand(header < out.size() && shift < 28);
      const auto byte = static_cast<unsigned char>(out[header++]);
      length |= static_cast<std::size_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) break;
    }
    demand(header + length <= out.size());
    demand(type == 2 || type == 4 || type == 5 || type == 6 || type == 7 || type == 9 || type == 11 ||
           type == 13 || type == 14);
    if (type == 4 && length == 2) ++world.acknowledged;
    demand(world.acknowledged <= world.durable + world.not_collected);
    out.remove_prefix(header + length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.max_packet_bytes = 2048;
  limits.receive_maximum = 8;
  limits.topic_alias_maximum = 4;
  limits.max_clients = 3;
  limits.max_held = 4;
  limits.max_held_in_all = 6;
  World world;
  Clients clients(limits, world);
  TimePoint now{};
  std::unique_ptr<Session> sessions[2];
  std::string pending[2];
  for (auto& session : sessions) session = std::make_unique<Session>(limits, clients, world, now);

  const auto step = [&](int which) {
    Session& session = *sessions[which];
    pending[which].erase(0, session.on_bytes(pending[which], now));
    check_output(session.output(), world);
    session.output().clear();
    demand(session.unacknowledged() <= limits.receive_maximum + 1U);
    demand(clients.held() <= limits.max_held_in_all);
    if (!session.waiting()) demand(pending[which].size() <= limits.max_packet_bytes);
  };

  // One byte says what happens and to whom, then, for input, one says how many bytes of it.
  for (std::size_t at = 0; at + 1 < size;) {
    const std::uint8_t what = data[at++];
    const int which = what & 1;
    switch ((what >> 1U) % 8) {
      case 0:
        world.refuse = !world.refuse;
        break;
      case 1:
        world.late = !world.late;
        break;
      case 2:
        world.durable = world.stored;
        for (const int other : {0, 1}) {
          sessions[other]->on_durable(world.durable);
          sessions[other]->on_kept(world.steps);
          step(other);
        }
        break;
      case 3:
        if (sessions[which]->stalled()) sessions[which]->on_retry(now);
        sessions[which]->on_login(Login{}, now);
        break;
      case 4:
        now += std::chrono::seconds(data[at++]);
        sessions[which]->on_time(now);
        clients.on_time(now);
        break;
      case 5:
        sessions[which]->on_network_lost(now);
        sessions[which] = std::make_unique<Session>(limits, clients, world, now);
        pending[which].clear();
        break;
      default: {
        const std::size_t wanted = data[at++];
        const std::size_t count = std::min(wanted, size - at);
        if (pending[which].size() < 4096) {
          pending[which].append(reinterpret_cast<const char*>(data + at), count);
        }
        at += count;
      }
    }
    step(which);
  }
  for (auto& session : sessions) session->on_network_lost(now);
  return 0;
}
