// The way between the two gateways: slow, and it refuses, loses and brings late.
#pragma once

#include <memory>
#include <string>

#include "bridge/core/kafka_codes.hpp"
#include "tests/sim/relay_world.hpp"

namespace weather::sim {

using bridge::relay::LineAnswer;

inline LineAnswer broken(int code, const char* text) {
  LineAnswer answer;
  answer.code = code;
  answer.text = text;
  return answer;
}

// One request at a time; what it lost may still arrive.
class WorldLine final : public bridge::relay::Line {
 public:
  explicit WorldLine(RelayWorld& world) : world_(world) {}
  ~WorldLine() override { cancel(); }

  static constexpr std::chrono::milliseconds patience{40'000};  // as the real line's

  void post(std::string body, std::function<void(const LineAnswer&)> done) override {
    const auto number = ++*asked_;
    const auto answer = [asked = asked_, number, done = std::move(done)](const LineAnswer& said) {
      if (*asked != number) return;
      ++*asked;
      done(said);
    };
    auto& random = world_.random_;
    const auto way = std::chrono::milliseconds(random.between(1, 40));
    if (!world_.network_ || (!world_.quiet_ && random.one_in(12))) {
      const bool silent = random.one_in(2);
      world_.loop_.after(silent ? patience : way, [answer, silent] {
        answer(silent ? broken(bridge::code::timed_out, "no answer in time")
                      : broken(bridge::code::transport, "connection refused"));
      });
      // It stood in a buffer somewhere, and arrives when nobody waits for it.
      if (random.one_in(2))
        world_.loop_.after(
            std::chrono::milliseconds(random.between(1, 90'000)),
            [&world = world_, body = std::move(body)] { world.deliver(body, [](const auto&) {}); });
      return;
    }
    const bool lost = !world_.quiet_ && random.one_in(8);
    if (lost)
      world_.loop_.after(patience,
                         [answer] { answer(broken(bridge::code::timed_out, "no answer in time")); });
    world_.loop_.after(way, [this, &world = world_, body = std::move(body), answer, lost, way] {
      world.deliver(body, [&world, answer, lost, way](const LineAnswer& said) {
        if (!lost) world.loop_.after(way, [answer, said] { answer(said); });
      });
    });
  }
  void cancel() override { ++*asked_; }

 private:
  RelayWorld& world_;
  std::shared_ptr<std::uint64_t> asked_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace weather::sim
