// The lines of all files that a pattern names, each once: the oldest file first, each to its end. Each is
// followed over rotation as a single one is (file_follower.hpp); a file that went to another name which the
// pattern has goes on there. A state machine as that one is.
//
// Only files that changed lately are held open; of the others their size and time are looked at. Before the
// gateway's first start with a pattern, all files it names are read from their beginnings.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sensors/sources/file_follower.hpp"
#include "sensors/sources/follower.hpp"
#include "sensors/sources/glob_look.hpp"
#include "sensors/sources/glob_places.hpp"

namespace weather::sensors {

class GlobFollower final : public Follower {
 public:
  // known: oldest first.
  GlobFollower(FollowerOptions options, FollowedFiles& files, std::vector<FilePosition> known, Say say);
  ~GlobFollower() override;

  bool open() override;
  const std::string& beginning() const override { return beginning_; }
  Step next(TimePoint now) override;
  void give_back() override;
  std::vector<FilePosition> positions() const override;
  const std::string& path() const override { return path_; }
  std::string_view heading() override;
  std::uint64_t offset() const override { return offset_; }
  std::uint64_t behind_bytes() const override { return behind_others_ + behind_current_; }

  static constexpr std::size_t most_open = 16;  // while none of them is about to be left
  static constexpr std::chrono::seconds quiet_before_close{10};
  // The folder is read no more often than this, and than 10 ms for each file.
  static constexpr std::chrono::seconds between_looks{1};

 private:
  class OwnFiles;
  struct Member;
  using Members = std::map<std::string, Member>;

  void look(TimePoint now);
  void part();
  void join(const std::string& name, const FileFacts& facts, TimePoint now);
  void visited(const std::string& name, TimePoint now);
  void forget(const std::string& name);
  void start_round(TimePoint now);
  Step end_round(TimePoint now);
  Follower& awake(Member& member);
  void rest(Member& member, const Step& step, TimePoint now);
  void report(Member& member);
  void fall_asleep(Member& member);
  void use(Member& member, const FilePosition& after, TimePoint now);

  const FollowerOptions options_;
  FollowedFiles& files_;
  const Say say_;
  std::string beginning_;

  bool started_ = false, very_first_ = false;
  GlobPlaces places_;
  GlobLook look_;                  // the last one
  Members members_;                // by name
  std::deque<std::string> round_;  // still to be visited
  bool had_round_ = false, in_round_ = false, too_many_said_ = false;
  std::optional<TimePoint> next_look_;
  std::error_code error_;  // of this round
  std::size_t open_ = 0, failed_ = 0;
  std::uint64_t uses_ = 0;

  Member* current_ = nullptr;
  std::string path_;
  std::uint64_t offset_ = 0, behind_others_ = 0, behind_current_ = 0;
};

}  // namespace weather::sensors
