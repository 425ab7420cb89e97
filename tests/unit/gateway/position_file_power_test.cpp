// Followed files, the log and the positions beside it over rotation, truncation, kill -9 and power cuts.
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/ingest/position_file.hpp"
#include "sensors/sources/file_follower.hpp"
#include "sensors/sources/glob_follower.hpp"
#include "sensors/sources/gz_files.hpp"
#include "tests/unit/gateway/followed_line.hpp"
#include "tests/unit/gateway/growing_file.hpp"
#include "tests/unit/gateway/lives.hpp"
#include "tests/unit/sensors/file_disk.hpp"

namespace weather::gateway {
namespace {

using sensors::FileDisk;
using sensors::Follower;
using sensors::Reading;

// Loggers, their files, logrotate, the follower, the log and the file beside it, on a disk that loses power.
class World {
 public:
  World(std::uint64_t seed, bool several)
      : random_(seed), seed_(seed), several_(several), cards_(empty_card(64U << 20, seed)) {
    for (int i = 0; i < (several ? 3 : 1); ++i) add_file();
    open();
    // What was rotated away before the very first start is nobody's.
    for (auto& file : files_) file->write(5);
    read(0);
  }

  void step() {
    auto& file = *files_[random_.below(files_.size())];
    switch (random_.below(several_ ? 14 : 12)) {
      case 0:
      case 1:
      case 2:
        write(file, random_.between(1, 8));
        break;
      case 3:
        file.rotate();
        break;
      case 4:
        // A file that is renamed, copied and truncated between two looks is beyond what can be followed.
        if (random_.one_in(2) && (!follower_ || rounds_ >= renamed_[&file] + 2)) file.truncate();
        break;
      case 5:
        durable_ = log_->status().appended;
        (void)log_->wait_durable(durable_, std::chrono::seconds(5));
        break;
      case 6:
        if (random_.one_in(3)) stop(Death::kill);
        break;
      case 7:
        if (random_.one_in(3)) stop(Death::power);
        break;
      case 8:
        if (random_.one_in(3)) stop(Death::clean);
        break;
      case 9:
        if (random_.one_in(2)) file.compress();
        if (follower_) positions_->stands("a", follower_->positions(), log_->status().appended, false);
        break;
      case 12:
        if (random_.one_in(2)) add_file();
        break;
      case 13:
        if (!random_.one_in(3)) break;
        file.rename("/d/moved-" + std::to_string(++renames_) + "x.log");
        renamed_[&file] = rounds_;
        break;
      default:
        read(random_.between(1, 10));
    }
  }

  // Everything that was written and not lost to a power cut before it was read is in the log once.
  void check() {
    // Of a file that was truncated nothing shows it until it is written again.
    for (auto& file : files_) file->write(1);
    for (auto& file : files_) file->whole_line();
    for (int round = 0; round < 60; ++round) read(1000);
    (void)log_->wait_durable(log_->status().appended, std::chrono::seconds(5));
    std::map<std::uint64_t, int> found;
    std::map<const void*, std::uint64_t> last;
    const auto reader = log_->reader(1);
    for (;;) {
      const auto entries = reader->read(1000, 1U << 20);
      if (!entries || entries->empty()) break;
      for (const auto& entry : *entries) {
        Reading reading;
        ASSERT_EQ(entry.type, log::Type::reading);
        ASSERT_TRUE(reading.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size())));
        const auto& text = reading.sensor_id();
        if (const auto number = GrowingFile::number_in(text)) {
          ++found[*number];
          auto& before = last[book_.writers.at(*number)];
          if (*number <= before) book_.story += "out of order: " + std::to_string(*number) + '\n';
          before = *number;
        }
      }
    }
    std::string wrong;
    for (std::uint64_t number = 1; number <= book_.number; ++number) {
      const int times = found[number];
      if (times != 1 && (times != 0 || book_.lost.count(number) == 0))
        wrong += " line " + std::to_string(number) + ": " + std::to_string(times) + " times;";
    }
    EXPECT_EQ(wrong, "") << "seed " << seed_ << '\n' << book_.story;
  }
  std::uint64_t deaths() const { return deaths_; }

 private:
  enum class Death : std::uint8_t { clean, kill, power };
  static constexpr std::uint64_t window = 30;

  void open() {
    auto log = log::Log::open({.dir = "/data/log",
                               .segment_bytes = 64U << 10,
                               .max_bytes = 16U << 20,
                               .yields_to = {},
                               .keep_records = 64,
                               .on_damage = {},
                               .random_seed = seed_},
                              *cards_, clock_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
    positions_ = std::make_unique<PositionFile>(
        *cards_, *log_, PositionFileOptions{.path = "/data/p", .records = window}, nullptr);
    ingest_ = std::make_unique<Ingest>(*log_, stamper_, IngestOptions{}, nullptr);
  }

  void add_file() {
    const auto path = several_ ? "/d/day-" + std::to_string(files_.size()) + "x.log" : "/d/events.log";
    files_.push_back(std::make_unique<GrowingFile>(disk_, random_, book_, path, headed_));
  }

  // A start looks at so many of the newest records; of a file that loses more than those lines, some come
  // again.
  void sync(std::uint64_t lines) {
    for (auto& one : files_)
      if (book_.number + lines > one->synced_number() + window ||
          stored_ + lines > stored_at_[one.get()] + window)
        sync(*one);
  }
  void sync(GrowingFile& file) {
    file.sync();
    stored_at_[&file] = stored_;
    synced_at_[&file] = now_;
  }
  void write(GrowingFile& file, std::uint64_t lines) {
    if (random_.one_in(4)) sync(file);
    sync(lines);
    file.write(lines);
  }

  std::unique_ptr<Follower> make_follower() {
    const auto known = positions_->known("a", go_on);
    const auto say = [this](const std::string& text) { book_.story += text + '\n'; };
    if (several_)
      return std::make_unique<sensors::GlobFollower>(
          sensors::FollowerOptions{.path = "/d/*.log", .max_line_bytes = 1U << 16, .given_lines = window},
          gz_, known, say);
    return std::make_unique<sensors::FileFollower>(sensors::FollowerOptions{"/d/events.log", true, 1U << 16},
                                                   gz_, known, say);
  }

  void read(std::uint64_t lines) {
    if (!follower_) {
      follower_ = make_follower();
      if (follower_->open()) positions_->stands("a", follower_->positions(), log_->status().appended, true);
    }
    sync(lines);
    for (std::uint64_t i = 0; i < lines; ++i) {
      const auto step = follower_->next(now_);
      if (step.kind == Follower::Step::Kind::line) {
        store(*ingest_, "a", step.after, step.text);
        ++stored_;
        book_.story +=
            "read " + std::string(step.text.substr(std::min(step.text.size(), step.text.rfind("n=")))) + '\n';
      } else {
        now_ += std::chrono::seconds(1);
        ++rounds_;
        break;
      }
    }
  }

  void stop(Death death) {
    ++deaths_;
    book_.story += "death " + std::to_string(static_cast<int>(death)) + '\n';
    if (death == Death::clean && follower_)
      positions_->stands("a", follower_->positions(), log_->status().appended, true);
    follower_.reset();
    ingest_.reset();
    positions_.reset();
    auto found = cards_->disk();
    if (death == Death::power) {
      found = found.after_power_cut(static_cast<Cut>(random_.below(log::test::cut_kinds)), random_);
      for (auto& file : files_) file->power_cut();
    }
    log_.reset();
    if (death != Death::clean) cards_ = std::make_unique<SimFiles>(std::move(found), random_.next());
    open();
  }

  Random random_;
  const std::uint64_t seed_;
  const bool several_;
  const bool headed_ = random_.one_in(2);
  FixedStamper stamper_;
  SimClock clock_;
  std::unique_ptr<SimFiles> cards_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<PositionFile> positions_;
  std::unique_ptr<Ingest> ingest_;
  FileDisk disk_;
  LineBook book_;
  sensors::GzFiles gz_{disk_, [this](const std::string& text) { book_.story += text + '\n'; }};
  std::vector<std::unique_ptr<GrowingFile>> files_;
  std::unique_ptr<Follower> follower_;
  Follower::TimePoint now_{std::chrono::hours(1)};
  std::uint64_t durable_ = 0, deaths_ = 0, renames_ = 0, rounds_ = 0;
  std::uint64_t stored_ = 0;                               // also what was stored again
  std::map<const GrowingFile*, std::uint64_t> renamed_;    // in which round
  std::map<const GrowingFile*, std::uint64_t> stored_at_;  // when it was synced last
  std::map<const GrowingFile*, Follower::TimePoint> synced_at_;
};

template <bool several>
struct WorldOf : World {
  explicit WorldOf(std::uint64_t seed) : World(seed, several) {}
};

const auto live = [](World& world) {
  for (int i = 0; i < 120; ++i) world.step();
  world.check();
  return world.deaths();
};

TEST(FilePowerCut, EachLineIsInTheLogOnceOverRotationTruncationAndDeath) {
  each_life<WorldOf<false>>(log::test::run_size(60, 3000), live);
}

TEST(FilePowerCut, SoIsEachLineOfSeveralFilesThatAPatternNames) {
  each_life<WorldOf<true>>(log::test::run_size(60, 3000), live);
}

}  // namespace
}  // namespace weather::gateway
