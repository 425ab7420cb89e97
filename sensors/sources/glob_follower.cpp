#include "sensors/sources/glob_follower.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "sensors/sources/gz_files.hpp"

namespace weather::sensors {

// A folder in which a member sees itself and what rotation makes of it, as long as that is no member.
class GlobFollower::OwnFiles final : public FollowedFiles {
 public:
  OwnFiles(FollowedFiles& files, std::string name, const Members& members)
      : files_(files), name_(std::move(name)), members_(members) {}
  tl::expected<std::unique_ptr<FollowedFile>, std::error_code> open(const std::string& path) override {
    return files_.open(path);
  }
  tl::expected<FileFacts, std::error_code> facts(const std::string& path) override {
    return files_.facts(path);
  }
  std::vector<std::string> list(const std::string& folder) override {
    auto names = files_.list(folder);
    std::erase_if(names, [this](const auto& name) {
      return members_.contains(name) || !(is_rotated_name(name_, name) || without_compression(name) == name_);
    });
    return names;
  }

 private:
  FollowedFiles& files_;
  const std::string name_;
  const Members& members_;
};

struct GlobFollower::Member {
  std::string name, path;
  std::unique_ptr<OwnFiles> files;
  FileFacts facts = {};                    // when its name was last looked at
  bool due = true;                         // may have something to read
  bool there = true;                       // under its name, or rotated
  std::unique_ptr<FileFollower> follower;  // awake
  std::vector<FilePosition> lent;          // awake: what was known when it woke
  TimePoint quiet_since{};
  std::uint64_t read_bytes = 0;  // asleep: of the file with its name
  std::uint64_t used = 0;        // when a line of it was given: a growing number
  std::error_code error = {};

  // The file that is open.
  std::uint64_t reading() const {
    const auto all = follower->positions();
    return all.empty() ? 0 : all.back().inode;
  }
  // Where its files stand, as far as that is new since it woke; oldest first. A file that was shortened
  // stands where it stood before.
  std::vector<FilePosition> own() const {
    if (!follower) return {};
    auto all = follower->positions();
    const auto known = [&](const auto& one) {
      const auto last = std::find_if(lent.rbegin(), lent.rend(),
                                     [&](const auto& other) { return other.inode == one.inode; });
      return last != lent.rend() && *last == one;
    };
    std::erase_if(all, known);
    return all;
  }
  std::uint64_t unread_bytes() const {
    if (follower) return follower->behind_bytes();
    return due ? facts.size - std::min(read_bytes, facts.size) : 0;
  }
};

GlobFollower::GlobFollower(FollowerOptions options, FollowedFiles& files, std::vector<FilePosition> known,
                           Say say)
    : options_(std::move(options)),
      files_(files),
      say_(std::move(say)),
      places_(std::move(known), options_.given_lines) {
  path_ = options_.path;
}
GlobFollower::~GlobFollower() = default;

// Before anything is read: what is rotated away from now on is known to be new.
bool GlobFollower::open() {
  if (started_) return !members_.empty();
  very_first_ = places_.empty();
  look({});
  if (members_.empty()) return false;
  started_ = true;
  std::size_t due = 0;
  for (auto& [name, member] : members_) {
    if (member.due) ++due;
    if (!very_first_) continue;
    awake(member).open();
    fall_asleep(member);
  }
  very_first_ = false;
  beginning_ = options_.path + " names " + std::to_string(members_.size()) + " files, " +
               std::to_string(due) + " of them with something to read";
  return true;
}

void GlobFollower::look(TimePoint now) {
  look_ = look_at(files_, options_.path, options_.most_files);
  if (look_.named > options_.most_files && !std::exchange(too_many_said_, true))
    say_(options_.path + " names " + std::to_string(look_.named) + " files: the " +
         std::to_string(options_.most_files) + " written last are read, no others");
  if (!started_) places_.take_over();
  part();
  for (const auto& [name, file] : look_.files) {
    const auto& facts = file.facts;
    const auto at = members_.find(name);
    if (at == members_.end()) {
      join(name, facts, now);
      continue;
    }
    auto& member = at->second;
    member.there = true;
    if (member.facts != facts) member.due = true;
    member.facts = facts;
  }
  const std::chrono::milliseconds each(10 * members_.size());
  next_look_ = now + std::max<std::chrono::milliseconds>(between_looks, each);
}

// What is read under another member's name by now, and who has no name that is one of the pattern's: what it
// was is read once more, unless that is another's too.
void GlobFollower::part() {
  std::vector<std::string> moved;
  for (auto& [name, member] : members_) {
    if (member.follower && look_.is_others(member.reading(), name)) fall_asleep(member);
    if (look_.files.contains(name)) continue;
    if (look_.in_folder.contains(name) || look_.is_others(member.facts.inode, name))
      moved.push_back(name);
    else if (std::exchange(member.there, false))
      member.due = true;
  }
  for (const auto& name : moved) forget(name);
}

// One of which all was read need not be opened.
void GlobFollower::join(const std::string& name, const FileFacts& facts, TimePoint now) {
  auto& member = members_[name];
  member.name = name;
  member.path = beside(options_.path, name);
  member.files = std::make_unique<OwnFiles>(files_, name, members_);
  member.facts = facts;
  if (started_) say_("following " + member.path + " as well");
  if (const auto* const last = places_.newest_in(facts.inode)) member.read_bytes = last->offset;
  member.due = !std::ranges::all_of(look_.files.at(name).all, [this](const auto& file) {
    const auto* const last = places_.newest_in(file.second.inode);
    return last != nullptr && last->offset > 0 && last->offset == file.second.size &&
           FileCandidate(files_, file.first, file.second, FileCandidate::Name::rotated).holds(*last);
  });
  if (!member.due && started_) visited(name, now);
}

void GlobFollower::visited(const std::string& name, TimePoint now) {
  const auto found = look_.files.find(name);
  if (found == look_.files.end()) return;
  for (const auto& [path, facts] : found->second.all) places_.visited(facts.inode, now);
}

void GlobFollower::forget(const std::string& name) {
  auto& member = members_.at(name);
  if (member.follower) fall_asleep(member);
  members_.erase(name);
}

Follower::Step GlobFollower::next(TimePoint now) {
  open();
  for (;;) {
    if (current_ == nullptr) {
      if (!in_round_) start_round(now);
      if (round_.empty()) return end_round(now);
      const auto found = members_.find(round_.front());
      round_.pop_front();
      if (found == members_.end()) continue;
      current_ = &found->second;
      behind_others_ -= std::min(behind_others_, current_->unread_bytes());
      if (!current_->follower) current_->quiet_since = now;
    }
    auto& follower = awake(*current_);
    const auto step = follower.next(now);
    path_ = follower.path();
    offset_ = follower.offset();
    behind_current_ = follower.behind_bytes();
    if (step.kind == Step::Kind::line) {
      use(*current_, step.after, now);
      return step;
    }
    rest(*std::exchange(current_, nullptr), step, now);
    behind_current_ = 0;
  }
}

void GlobFollower::start_round(TimePoint now) {
  if (!next_look_ || now >= *next_look_) look(now);
  if (!std::exchange(had_round_, true))
    for (const auto& [name, member] : members_)
      if (!member.due) visited(name, now);
  std::vector<const Member*> visits;
  behind_others_ = 0;
  for (const auto& [name, member] : members_)
    if (member.due || member.follower) {
      visits.push_back(&member);
      behind_others_ += member.unread_bytes();
    }
  // What is gone may be what has another name now: where it stands is reported before that one is read.
  std::ranges::sort(visits, [](const auto* a, const auto* b) {
    return a->there != b->there ? b->there : is_older(a->facts, a->path, b->facts, b->path);
  });
  for (const auto* one : visits) round_.push_back(one->name);
  in_round_ = true;
  error_ = {};
  failed_ = 0;
}

// Of a round something is said when nothing could be read at all.
Follower::Step GlobFollower::end_round(TimePoint now) {
  in_round_ = false;
  std::vector<std::string> leaving;
  for (const auto& [name, member] : members_)
    if (!member.there && !member.follower) leaving.push_back(name);
  for (const auto& name : leaving) forget(name);
  places_.forget_old(look_, now);
  places_.compact(look_);
  const bool none = members_.empty();
  if (none || failed_ == members_.size()) {
    const auto missing = std::make_error_code(std::errc::no_such_file_or_directory);
    return {.kind = Step::Kind::waiting, .error = none ? missing : error_};
  }
  return {.kind = options_.follow ? Step::Kind::idle : Step::Kind::ended};
}

Follower& GlobFollower::awake(Member& member) {
  if (member.follower) return *member.follower;
  member.lent = places_.given_to(member.name, look_);
  auto options = options_;
  options.path = member.path;
  options.first_start = very_first_;
  member.follower = std::make_unique<FileFollower>(std::move(options), *member.files, member.lent, say_);
  ++open_;
  return *member.follower;
}

// The end of a file, for now.
void GlobFollower::rest(Member& member, const Step& step, TimePoint now) {
  member.due = false;
  report(member);
  visited(member.name, now);
  if (step.kind == Step::Kind::waiting) {
    const bool missing = step.error == std::errc::no_such_file_or_directory;
    member.due = !missing;  // to be tried again
    ++failed_;
    error_ = step.error;
    if (step.error != member.error && !missing)
      say_("cannot read " + member.path + ": " + step.error.message());
    member.error = step.error;
    return fall_asleep(member);
  }
  member.error = {};
  const bool quiet = now - member.quiet_since >= quiet_before_close || step.kind == Step::Kind::ended;
  if (!member.follower->settling() && (quiet || open_ > most_open)) fall_asleep(member);
}

// The others know of it from now on.
void GlobFollower::report(Member& member) {
  const auto own = member.own();
  places_.learn(own);
  member.lent.insert(member.lent.end(), own.begin(), own.end());
  if (member.lent.size() > 2 * GlobPlaces::most_others)
    member.lent = newest_of_each(member.lent, member.lent.size());
  for (const auto& one : own)
    if (one.inode == member.facts.inode) member.read_bytes = one.offset;
}

void GlobFollower::fall_asleep(Member& member) {
  report(member);
  member.follower.reset();
  member.lent = {};
  --open_;
}

void GlobFollower::use(Member& member, const FilePosition& after, TimePoint now) {
  if (member.used != uses_ || uses_ == 0) member.used = ++uses_;
  member.quiet_since = now;
  places_.read(after, now);
}

void GlobFollower::give_back() {
  if (current_ != nullptr && current_->follower) current_->follower->give_back();
}

std::string_view GlobFollower::heading() {
  return current_ != nullptr && current_->follower ? current_->follower->heading() : std::string_view{};
}

std::vector<FilePosition> GlobFollower::positions() const {
  std::vector<const Member*> awake;
  for (const auto& [name, member] : members_)
    if (member.follower) awake.push_back(&member);
  std::ranges::stable_sort(awake, {}, &Member::used);
  std::vector<FilePosition> all;
  for (const auto* member : awake) {
    const auto own = member->own();
    all.insert(all.end(), own.begin(), own.end());
  }
  return places_.with(all);
}

}  // namespace weather::sensors
