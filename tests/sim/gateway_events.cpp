// What goes wrong in a plan, and how it ends.
#include "bridge/dead_letters/store.hpp"
#include "tests/sim/gateway.hpp"

namespace weather::sim {
namespace {

bool is_a_crash(Moment moment) {
  return moment == Moment::kill || moment == Moment::power_cut || moment == Moment::clean_restart;
}

}  // namespace

void Gateway::begin(const Event& event) {
  auto& broker = machine_.broker;
  auto& rules = broker.topic(topic(event.random % plan_.routes)).rules;
  report("begins: " + std::string(to_string(event.what)));
  if (((stopping_ || !forwarder_) && !is_a_crash(event.what)) || !log_) return;
  switch (event.what) {
    case Moment::line_down:
      machine_.network.set_up(false);
      break;
    case Moment::line_lossy:
      machine_.network.loses_one_in = 2 + event.random % 8;
      break;
    case Moment::line_slow:
      machine_.network.longest = std::chrono::milliseconds(200 + event.random % 3000);
      break;
    case Moment::leader_gone:
      broker.topic(topic(event.random % plan_.routes))
          .partitions[event.random / 7 % plan_.partitions]
          .leader = -1;
      break;
    case Moment::leader_missed:
      machine_.network.leaders_missed = true;
      [[fallthrough]];
    case Moment::leader_moves: {
      auto& partition =
          broker.topic(topic(event.random % plan_.routes)).partitions[event.random / 7 % plan_.partitions];
      partition.leader = (partition.leader + 1) % plan_.nodes;
      break;
    }
    case Moment::node_down:
    case Moment::node_hangs:
      lose_node(static_cast<int>(event.random / 3 % static_cast<std::uint64_t>(plan_.nodes)),
                event.what == Moment::node_hangs);
      break;
    case Moment::event_late:
      machine_.network.longest_event = std::chrono::milliseconds(1 + event.random % 2000);
      break;
    case Moment::too_few_replicas:
      broker.replicas_missing = not_enough_replicas;
      break;
    case Moment::written_by_too_few:
      broker.replicas_missing = not_enough_replicas_after_append;
      break;
    case Moment::topic_gone:
      broker.delete_topic(topic(event.random % plan_.routes));
      break;
    case Moment::topic_forbidden:
      rules.allowed = false;
      break;
    case Moment::topic_smaller:
      rules.max_bytes = 1'500;
      break;
    case Moment::topic_younger:
      rules.before_max_ms = event.random % 2 == 0 ? 2'000 : 20'000;
      break;
    case Moment::poison:
      next_is_poison_ = true;
      break;
    case Moment::large_reading:
      rules.max_bytes = 1'500;
      next_is_large_ = true;
      break;
    case Moment::undecodable:
      next_is_undecodable_ = true;
      break;
    case Moment::forgotten:
      broker.forget_producers(producers_known_ms * ns_per_ms);
      break;
    case Moment::throttled:
      machine_.network.throttle_ms = 500;
      break;
    case Moment::fenced:
      (void)broker.init_transactions("weather-gateway/pi/" + cursor_of(event.random % plan_.routes));
      break;
    case Moment::transaction_slow:
      broker.transaction_timeout = std::chrono::milliseconds(50);
      break;
    case Moment::pause:
      forwarder_->pause();
      paused_ = machine_.paused = true;
      break;
    case Moment::reload:
      stop_in_order();
      break;
    case Moment::renewal:
      ++machine_.certificates;
      break;
    case Moment::bad_renewal:
      ++machine_.certificates;
      machine_.certificates_good = false;
      break;
    case Moment::clock_set:
      machine_.clock.wrong_ns += (static_cast<std::int64_t>(event.random % 7200) - 3600) * 1'000'000'000;
      break;
    case Moment::disk_fails:
    case Moment::disk_full:
      machine_.files->fail(
          {event.what == Moment::disk_full ? log::test::FaultKind::enospc : log::test::FaultKind::eio,
           machine_.files->calls() + 1 + event.random % 20, event.random % 3 != 0});
      break;
    case Moment::retry_now:
      forwarder_->retry_now();
      break;
    case Moment::replay:
      forwarder_->replay(cursor_of(event.random % plan_.routes), 1, log_->durable() + 1, {},
                         [](std::uint64_t, const std::string&) {});
      break;
    case Moment::retry_dead_letters:
      if (const auto letters = forwarder_->dead_letters(100))
        for (const auto& letter : *letters) {
          oracle_.sent_again(letter.event_id);
          forwarder_->retry_dead_letter(letter.id, [](const std::string&) {});
        }
      break;
    case Moment::registry_down:
      machine_.registry_id = 0;
      break;
    case Moment::kill:
      crash(machine_.files->disk());
      break;
    case Moment::power_cut:
      crash_in_a_call(event.random);
      break;
    case Moment::clean_restart:
      forwarder_.reset();
      stopping_ = false;
      machine_.files->heal();
      std::erase(machine_.logs, log_.get());
      (void)log_->close();
      log_.reset();
      if (cut_disk_) break;  // in the middle of it
      open_log();
      if (!oracle_.wrong()) start();
      break;
  }
}

// Who counts the nodes notices after a while, and gives what it led to those that are there.
void Gateway::lose_node(int node, bool hangs) {
  if (hangs) {
    machine_.network.hang(node);
  } else {
    machine_.network.set_node(node, false);
  }
  const auto notices = hangs ? std::chrono::seconds(9) : std::chrono::seconds(1);
  machine_.loop.after(notices, [this, node] {
    const auto& nodes = machine_.network.nodes;
    const auto there = [&nodes](int other) {
      const auto& one = nodes[static_cast<std::size_t>(other)];
      return one.up && !one.hangs;
    };
    if (!there(node) && plan_.nodes > 1) machine_.broker.move_leaders(node, there);
  });
}

void Gateway::give_leaders() {
  for (const auto& [name, topic] : machine_.broker.topics())
    for (auto& partition : machine_.broker.topic(name).partitions)
      if (partition.leader < 0) partition.leader = 0;
}

void Gateway::end(const Event& event) {
  auto& broker = machine_.broker;
  const auto name = topic(event.random % plan_.routes);
  auto& rules = broker.topic(name).rules;
  report("ends: " + std::string(to_string(event.what)));
  switch (event.what) {
    case Moment::line_down:
      machine_.network.set_up(true);
      break;
    case Moment::line_lossy:
      machine_.network.loses_one_in = 0;
      break;
    case Moment::line_slow:
      machine_.network.longest = std::chrono::milliseconds(5);
      break;
    case Moment::leader_missed:
      machine_.network.leaders_missed = false;
      break;
    case Moment::leader_gone:
    case Moment::leader_moves:
      give_leaders();
      break;
    case Moment::node_down:
    case Moment::node_hangs:
      for (int node = 0; node < plan_.nodes; ++node) {
        if (!machine_.network.nodes[static_cast<std::size_t>(node)].up) machine_.network.set_node(node, true);
        machine_.network.wake(node);
      }
      give_leaders();
      break;
    case Moment::event_late:
      machine_.network.longest_event = std::chrono::microseconds(50);
      break;
    case Moment::bad_renewal:
      machine_.certificates_good = true;
      break;
    case Moment::clock_set:
      machine_.clock.wrong_ns = 0;
      break;
    case Moment::disk_fails:
    case Moment::disk_full:
      machine_.files->heal();
      break;
    case Moment::too_few_replicas:
    case Moment::written_by_too_few:
      broker.replicas_missing = 0;
      break;
    case Moment::topic_gone:
      broker.make_topic(name, plan_.partitions);
      break;
    case Moment::topic_forbidden:
      rules.allowed = true;
      break;
    case Moment::topic_smaller:
    case Moment::large_reading:
      rules.max_bytes = 1'000'000;
      break;
    case Moment::topic_younger:
      rules.before_max_ms = 0;
      break;
    case Moment::throttled:
      machine_.network.throttle_ms = 0;
      break;
    case Moment::transaction_slow:
      broker.transaction_timeout = std::chrono::milliseconds(60'000);
      break;
    case Moment::pause:
      paused_ = machine_.paused = false;
      if (forwarder_ && !stopping_) forwarder_->resume();
      break;
    case Moment::registry_down:
      machine_.registry_id = 1;
      break;
    default:
      break;
  }
}

}  // namespace weather::sim
