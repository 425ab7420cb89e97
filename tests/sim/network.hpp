// The lines between the clients and the nodes of the cluster.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "tests/crash/random.hpp"
#include "tests/sim/loop.hpp"

namespace weather::sim {

class Client;

struct Network {
  Network(Loop& on, std::uint64_t seed) : loop(on), random(seed) {}
  bool up = true;               // the gateway's own line
  bool leaders_missed = false;  // by the clients there are
  struct Node {
    bool up = true;      // false: connections are refused, and those there are reset
    bool hangs = false;  // takes everything, answers nothing, and goes on with it when it wakes up
    std::vector<std::function<void()>> held = {};
  };
  std::vector<Node> nodes{Node{}};
  std::chrono::microseconds shortest{500}, longest{5'000};
  std::chrono::microseconds longest_event{50};  // until the gateway looks at what a client tells
  std::uint64_t loses_one_in = 0;  // answers that never come, and the connection with them; 0: none
  double throttle_ms = 0;          // a quota
  bool numbers_anew = false;       // transactional clients, after an abort
  Loop& loop;
  log::test::Random random;
  std::vector<Client*> clients;  // in the order of their making

  void set_up(bool now);
  void set_node(int node, bool now);
  void wake(int node);
  void hang(int node) { nodes[index(node)].hangs = true; }
  bool reaches(int node) const { return up && node >= 0 && nodes[index(node)].up; }
  bool hangs(int node) const { return nodes[index(node)].hangs; }
  bool all_well() const {
    for (const auto& node : nodes)
      if (!node.up || node.hangs) return false;
    return up && loses_one_in == 0;
  }
  // What reaches a node that hangs is looked at when it wakes up.
  void at_node(int node, std::function<void()> call) {
    if (!hangs(node)) return call();
    nodes[index(node)].held.push_back(std::move(call));
  }
  Duration delay() {
    return std::chrono::microseconds(random.between(static_cast<std::uint64_t>(shortest.count()),
                                                    static_cast<std::uint64_t>(longest.count())));
  }

 private:
  static std::size_t index(int node) { return static_cast<std::size_t>(node); }
};

}  // namespace weather::sim
