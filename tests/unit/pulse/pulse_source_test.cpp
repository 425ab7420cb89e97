#include "sensors/pulse/pulse_source.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sensors/reading/render.hpp"
#include "tests/unit/buses/fake_sink.hpp"

namespace weather::sensors {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

std::int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The test's side of a line; the source has the other.
struct Wire {
  std::mutex mutex;
  std::vector<LineEdge> edges;
  std::string fault = "not there";  // empty: it can be opened and read
  std::atomic<int> opened = 0;
  int event = ::eventfd(0, EFD_NONBLOCK);
  std::uint32_t number = 0;

  ~Wire() { ::close(event); }
  void set_fault(const std::string& text) {
    const std::lock_guard lock(mutex);
    fault = text;
    number = 0;
    wake();
  }
  void pulse(std::uint32_t dropped_before = 0) {
    const std::lock_guard lock(mutex);
    number += 1 + dropped_before;
    edges.push_back({now_ns(), false, number});
    wake();
  }
  void wake() const { ::eventfd_write(event, 1); }
};

class WireLine final : public PulseLine {
 public:
  explicit WireLine(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
  tl::expected<Opened, std::string> open() override {
    const std::lock_guard lock(wire_->mutex);
    if (!wire_->fault.empty()) return tl::unexpected(wire_->fault);
    ++wire_->opened;
    open_ = true;
    return Opened{"line 6", EdgeFilter(), ""};
  }
  int descriptor() const override { return open_ ? wire_->event : -1; }
  tl::expected<std::vector<LineEdge>, std::string> read() override {
    eventfd_t ignored = 0;
    (void)::eventfd_read(wire_->event, &ignored);
    const std::lock_guard lock(wire_->mutex);
    if (!wire_->fault.empty()) {
      open_ = false;
      return tl::unexpected(wire_->fault);
    }
    return std::exchange(wire_->edges, {});
  }
  void close() override { open_ = false; }

 private:
  std::shared_ptr<Wire> wire_;
  bool open_ = false;
};

// Where a source stood, as far as its readings came into the sink.
struct FakeKeeper final : PositionKeeper {
  std::vector<FilePosition> positions;
  std::vector<FilePosition> known(std::string_view, const std::atomic<bool>&) override { return positions; }
  void stands(std::string_view, std::span<const FilePosition> files, Ticket, bool leaving) override {
    if (leaving) positions.assign(files.begin(), files.end());
  }
};

struct PulseSourceTest : testing::Test {
  FakeSink sink;
  FakeKeeper keeper;
  std::shared_ptr<Wire> wire = std::make_shared<Wire>();
  std::mutex mutex;
  std::vector<std::string> said;
  std::unique_ptr<PulseSource> source;

  PulseOptions options(PulseKind kind, std::chrono::nanoseconds window) {
    PulseOptions out;
    out.name = "pulse:test";
    out.rules = {kind, window.count()};
    out.scale = {0.5, 1, 0};
    out.positions = &keeper;
    out.reconnect = {.first = 10ms, .longest = 50ms, .stable = 1s};
    out.say = [this](const std::string& text) {
      const std::lock_guard lock(mutex);
      said.push_back(text);
    };
    out.wall_ns = [] { return std::int64_t{1'700'000'000'000'000'000}; };
    return out;
  }
  void start(PulseOptions with) {
    wire->set_fault("");
    source = std::make_unique<PulseSource>(std::move(with), std::make_unique<WireLine>(wire), sink);
    source->start();
    wait_for([&] { return source->status().open; });
  }
  template <class True>
  static void wait_for(const True& is_true) {
    for (int i = 0; i < 1000 && !is_true(); ++i) std::this_thread::sleep_for(10ms);
    ASSERT_TRUE(is_true());
  }
  std::vector<std::string> values() {
    std::vector<std::string> out;
    for (const auto& reading : sink.wait_for(0)) out.push_back(render_value_json(reading));
    return out;
  }
};

TEST_F(PulseSourceTest, ATipIsAReadingWithItsTimeAndItsCountAsPosition) {
  keeper.positions = {{0, 0, 10, 0, 0}, {0, 0, 4, 0, 0}};
  start(options(PulseKind::rain, 1h));
  wire->pulse();
  const auto readings = sink.wait_for(1);
  ASSERT_EQ(readings.size(), 1U);
  EXPECT_EQ(readings[0].sensor_id(), "pulse:test");
  EXPECT_EQ(render_value_json(readings[0]), R"({"rain":5.5})");
  EXPECT_EQ(readings[0].arrival().source(), "pulse:test");
  EXPECT_EQ(readings[0].arrival().file().offset(), 11U);
  const auto behind = 1'700'000'000'000'000'000 - static_cast<std::int64_t>(readings[0].event_time_ns());
  EXPECT_LT(std::abs(behind), 5'000'000'000);
}

TEST_F(PulseSourceTest, WhatWasNotToldIsToldWhenItStops) {
  start(options(PulseKind::count, 1h));
  for (int i = 0; i < 5; ++i) wire->pulse();
  wait_for([&] { return source->status().total == 5; });
  EXPECT_TRUE(values().empty());
  source->stop();
  EXPECT_EQ(values(), std::vector<std::string>{R"({"pulse_count":5})"});
  ASSERT_EQ(keeper.positions.size(), 1U);
  EXPECT_EQ(keeper.positions[0].offset, 5U);
}

TEST_F(PulseSourceTest, ALineThatIsInUseIsTriedAgainAndSaidOnce) {
  source =
      std::make_unique<PulseSource>(options(PulseKind::rain, 1h), std::make_unique<WireLine>(wire), sink);
  wire->set_fault("line 6 is in use by \"w1\"");
  source->start();
  wait_for([&] { return !source->status().last_error.empty(); });
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(source->status().open);
  EXPECT_THAT(source->status().last_error, HasSubstr("in use by \"w1\""));
  wire->set_fault("");
  wait_for([&] { return source->status().open; });
  wire->pulse();
  EXPECT_EQ(sink.wait_for(1).size(), 1U);
  wire->set_fault("lost line 6: No such device");
  wait_for([&] { return !source->status().open; });
  wire->set_fault("");
  wait_for([&] { return source->status().open; });
  wire->pulse();
  EXPECT_EQ(render_value_json(sink.wait_for(2).back()), R"({"rain":1})");
  const std::lock_guard lock(mutex);
  EXPECT_EQ(std::ranges::count_if(said, [](const auto& text) { return text.find("in use") != text.npos; }),
            1);
}

TEST_F(PulseSourceTest, WhatTheKernelDroppedCountsAndIsTold) {
  start(options(PulseKind::rain, 1h));
  wire->pulse(3);
  EXPECT_EQ(render_value_json(sink.wait_for(1).front()), R"({"rain":2})");
  wait_for([&] { return source->status().dropped == 3; });
}

TEST_F(PulseSourceTest, WhileTheSinkRefusesReadingsWait) {
  start(options(PulseKind::rain, 1h));
  sink.refuse = true;
  wire->pulse();
  wait_for([&] { return source->status().refused > 0; });
  sink.refuse = false;
  EXPECT_EQ(render_value_json(sink.wait_for(1).front()), R"({"rain":0.5})");
}

TEST_F(PulseSourceTest, WindIsToldByWindowWithTheDirectionOfItsVane) {
  auto with = options(PulseKind::wind, 300ms);
  with.vane = PulseOptions::Vane{[] { return tl::expected<double, std::string>(101); },
                                 *VaneTable::parse({{"100", "90"}, {"200", "180"}}, BetweenEntries::nearest)};
  start(std::move(with));
  const auto calm = sink.wait_for(1).front();
  EXPECT_EQ(render_value_json(calm), R"({"wind_speed":0,"wind_gust":0})");
  EXPECT_FALSE(calm.arrival().has_file());
  const auto until = std::chrono::steady_clock::now() + 1500ms;
  while (std::chrono::steady_clock::now() < until) {
    wire->pulse();
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_THAT(values(), Contains(HasSubstr(R"("wind_direction":90)")));
}

}  // namespace
}  // namespace weather::sensors
