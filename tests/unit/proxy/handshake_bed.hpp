// Conversations with a proxy, in every way of cutting them into two and into single bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/proxy/handshake.hpp"

namespace weather::proxy {

inline Settings through(std::string_view url, std::string username = {}, std::string password = {}) {
  Settings settings;
  settings.proxy = parse_url(url).value();
  settings.username = std::move(username);
  settings.password = std::move(password);
  return settings;
}

struct Outcome {
  Handshake::State state{};
  std::string sent, rest, failure;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// What is sent to the proxy must not depend on how its answer is cut; what comes behind the end of the
// handshake is the other side's.
inline Outcome converse(const Settings& settings, const Target& target,
                        const std::vector<std::string>& pieces) {
  const auto handshake = start_handshake(settings, target).value();
  Outcome outcome;
  outcome.sent = handshake->take_output();
  std::string late;
  for (const auto& piece : pieces) {
    if (handshake->state() == Handshake::State::open) late += piece;
    handshake->feed(piece);
    outcome.sent += handshake->take_output();
  }
  outcome.state = handshake->state();
  if (outcome.state == Handshake::State::open) outcome.rest = handshake->take_rest() + late;
  outcome.failure = handshake->failure();
  return outcome;
}

inline Outcome converse_in_all_ways(const Settings& settings, const Target& target,
                                    const std::string& answer) {
  const auto whole = converse(settings, target, {answer});
  for (std::size_t cut = 0; cut <= answer.size(); ++cut)
    EXPECT_EQ(converse(settings, target, {answer.substr(0, cut), answer.substr(cut)}), whole)
        << "cut at " << cut;
  std::vector<std::string> bytes;
  for (const char c : answer) bytes.emplace_back(1, c);
  EXPECT_EQ(converse(settings, target, bytes), whole) << "byte by byte";
  return whole;
}

}  // namespace weather::proxy
