// Followed files, the log and the positions beside it over rotation, truncation, kill -9 and power cuts.
#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "gateway/ingest/position_file.hpp"
#include "sensors/sources/file_follower.hpp"
#include "sensors/sources/gz_files.hpp"
#include "tests/unit/gateway/followed_line.hpp"
#include "tests/unit/gateway/lives.hpp"
#include "tests/unit/sensors/file_disk.hpp"

namespace weather::gateway {
namespace {

using sensors::FileDisk;
using sensors::FileFollower;
using sensors::Reading;

// A writer, its file, logrotate, the follower, the log and the file beside it, on a disk that loses power.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), seed_(seed), cards_(empty_card(64U << 20, seed)) {
    open();
    // What was rotated away before the very first start is nobody's.
    write(5);
    read(0);
  }

  void step() {
    switch (random_.below(12)) {
      case 0:
      case 1:
      case 2:
        write(random_.between(1, 8));
        break;
      case 3:
        rotate();
        break;
      case 4:
        if (random_.one_in(2)) truncate();
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
        if (random_.one_in(2)) compress();
        if (follower_) positions_->stands("a", follower_->positions(), log_->status().appended, false);
        break;
      default:
        read(random_.between(1, 10));
    }
  }

  // Everything that was written and not lost to a power cut before it was read is in the log once.
  void check() {
    whole_line();
    for (int round = 0; round < 40; ++round) read(1000);
    (void)log_->wait_durable(log_->status().appended, std::chrono::seconds(5));
    std::map<std::uint64_t, int> found;
    std::uint64_t last = 0;
    const auto reader = log_->reader(1);
    for (;;) {
      const auto entries = reader->read(1000, 1U << 20);
      if (!entries || entries->empty()) break;
      for (const auto& entry : *entries) {
        Reading reading;
        ASSERT_EQ(entry.type, log::Type::reading);
        ASSERT_TRUE(reading.ParseFromArray(entry.payload.data(), static_cast<int>(entry.payload.size())));
        const auto& text = reading.sensor_id();
        if (const auto number = number_in(text)) {
          ++found[*number];
          if (*number <= last) story_ += "out of order: " + std::to_string(*number) + '\n';
          last = *number;
        }
      }
    }
    std::string wrong;
    for (std::uint64_t number = 1; number <= number_; ++number) {
      const int times = found[number];
      if (times != 1 && (times != 0 || lost_.count(number) == 0))
        wrong += " line " + std::to_string(number) + ": " + std::to_string(times) + " times;";
    }
    EXPECT_EQ(wrong, "") << "seed " << seed_ << '\n' << story_;
  }
  std::uint64_t deaths() const { return deaths_; }

 private:
  enum class Death : std::uint8_t { clean, kill, power };
  static constexpr const char* path = "/d/events.log";
  static constexpr std::uint64_t window = 30;

  void open() {
    auto log = log::Log::open({.dir = "/data/log",
                               .segment_bytes = 64U << 10,
                               .max_bytes = 16U << 20,
                               .yields_to = {},
                               .keep_records = 64,
                               .random_seed = seed_},
                              *cards_, clock_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
    positions_ = std::make_unique<PositionFile>(
        *cards_, *log_, PositionFileOptions{.path = "/data/p", .records = window}, nullptr);
    ingest_ = std::make_unique<Ingest>(*log_, stamper_, IngestOptions{}, nullptr);
  }

  // Of the line that the text ends with, if it is whole.
  static std::optional<std::uint64_t> number_in(std::string_view text) {
    const auto at = text.rfind("n=");
    if (at == std::string_view::npos || text.back() != ';') return std::nullopt;
    return std::stoull(std::string(text.substr(at + 2))) - 1000;
  }

  void read(std::uint64_t lines) {
    if (!follower_) {
      const auto known = positions_->known("a", go_on);
      follower_.emplace(FileFollower::Options{path, true, 1U << 16}, files_, known,
                        [this](const std::string& text) { story_ += text + '\n'; });
      if (follower_->open()) positions_->stands("a", follower_->positions(), log_->status().appended, true);
    }
    for (std::uint64_t i = 0; i < lines; ++i) {
      const auto step = follower_->next(now_);
      if (step.kind == FileFollower::Step::Kind::line) {
        store(*ingest_, "a", step.after, step.text);
        story_ +=
            "read " + std::string(step.text.substr(std::min(step.text.size(), step.text.rfind("n=")))) + '\n';
      } else {
        now_ += std::chrono::seconds(1);
        break;
      }
    }
  }

  void stop(Death death) {
    ++deaths_;
    story_ += "death " + std::to_string(static_cast<int>(death)) + '\n';
    if (death == Death::clean && follower_)
      positions_->stands("a", follower_->positions(), log_->status().appended, true);
    follower_.reset();
    ingest_.reset();
    positions_.reset();
    auto found = cards_->disk();
    if (death == Death::power) {
      found = found.after_power_cut(static_cast<Cut>(random_.below(log::test::cut_kinds)), random_);
      power_cut();
    }
    log_.reset();
    if (death != Death::clean) cards_ = std::make_unique<SimFiles>(std::move(found), random_.next());
    open();
  }

  // What is written is on the writer's card after a while; until then the end of the file may be lost.
  void power_cut() {
    if (disk_.names.count(path) == 0) return;
    auto& bytes = disk_.names.at(path)->bytes;
    const auto synced = std::min(synced_, bytes.size());
    auto kept = synced + random_.below(bytes.size() - synced + 1);
    // A line without its end only is no different from one that gets none, and that is one to be read.
    if (kept > synced && kept < bytes.size() && bytes[kept] == '\n') --kept;
    for (std::size_t at = 0; at != std::string::npos; at = bytes.find('\n', at + 1))
      if (const auto end = bytes.find('\n', at + 1); end != std::string::npos && end >= kept)
        if (const auto number = number_in(std::string_view(bytes).substr(at, end - at)))
          lost_.insert(*number);
    story_ += "cut to " + std::to_string(kept) + " of " + std::to_string(bytes.size()) + '\n';
    if (kept < bytes.size()) disk_.truncate(path, kept);
    open_line_ = false;  // what comes next is written behind whatever is left
    if (!rest_.empty()) lost_.insert(number_);
    rest_.clear();
  }

  void write(std::uint64_t lines) {
    // A start looks at so many of the newest records; of a file that loses more than those lines, some come
    // again.
    if (random_.one_in(4) || number_ + lines > synced_number_ + window) {
      synced_ = disk_.names.count(path) != 0 ? disk_.names.at(path)->bytes.size() : 0;
      synced_number_ = number_;
    }
    begin();
    for (std::uint64_t i = 0; i < lines; ++i) {
      whole_line();
      const auto text =
          std::string(260 + random_.below(60), 'x') + " n=" + std::to_string(1000 + ++number_) + ";\n";
      const auto cut = random_.one_in(6) ? random_.below(text.size()) : text.size();
      disk_.append(path, text.substr(0, cut));
      rest_ = text.substr(cut);
      open_line_ = !rest_.empty();
      if (open_line_ && random_.one_in(2)) {
        story_ += "written to the middle of " + std::to_string(number_) + '\n';
        return;
      }
    }
    whole_line();
    story_ += "written to " + std::to_string(number_) + '\n';
  }
  // As a table begins: the same bytes in each file.
  void begin() {
    if (headed_ && (disk_.names.count(path) == 0 || disk_.names.at(path)->bytes.empty()))
      disk_.append(path, "time;temperature\n");
  }
  void whole_line() {
    if (!std::exchange(open_line_, false)) return;
    disk_.append(path, rest_.empty() ? "\n" : std::exchange(rest_, {}));
  }
  void shift() {
    for (int age = 30; age > 0; --age) {
      const auto from = std::string(path) + '.' + std::to_string(age);
      const auto to = std::string(path) + '.' + std::to_string(age + 1);
      for (const auto* ending : {"", ".gz"})
        if (disk_.names.count(from + ending) != 0) disk_.rename(from + ending, to + ending);
    }
  }
  void rotate() {
    if (disk_.names.count(path) == 0) return;
    whole_line();
    story_ += "rotated at " + std::to_string(number_) + '\n';
    shift();
    disk_.rename(path, std::string(path) + ".1");
    synced_ = 0;
  }
  // What was rotated away last, or the time before.
  void compress() {
    const auto old = std::string(path) + '.' + std::to_string(random_.between(1, 2));
    if (disk_.names.count(old) == 0) return;
    story_ += "compressed " + old + '\n';
    disk_.compress(old);
  }
  void truncate() {
    if (disk_.names.count(path) == 0) return;
    whole_line();
    story_ += "copied and truncated at " + std::to_string(number_) + '\n';
    shift();
    disk_.copy(path, std::string(path) + ".1");
    disk_.truncate(path);
    begin();
    synced_ = 0;
  }

  Random random_;
  const std::uint64_t seed_;
  const bool headed_ = random_.one_in(2);
  FixedStamper stamper_;
  SimClock clock_;
  std::unique_ptr<SimFiles> cards_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<PositionFile> positions_;
  std::unique_ptr<Ingest> ingest_;
  FileDisk disk_;
  sensors::GzFiles files_{disk_, [this](const std::string& text) { story_ += text + '\n'; }};
  std::optional<FileFollower> follower_;
  FileFollower::TimePoint now_{std::chrono::hours(1)};
  std::string rest_, story_;
  bool open_line_ = false;
  std::uint64_t number_ = 0, durable_ = 0, deaths_ = 0;
  std::size_t synced_ = 0;
  std::uint64_t synced_number_ = 0;
  std::set<std::uint64_t> lost_;
};

TEST(FilePowerCut, EachLineIsInTheLogOnceOverRotationTruncationAndDeath) {
  each_life<World>(log::test::run_size(60, 3000), [](World& world) {
    for (int i = 0; i < 120; ++i) world.step();
    world.check();
    return world.deaths();
  });
}

}  // namespace
}  // namespace weather::gateway
