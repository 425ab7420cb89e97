#include "bridge/oauth/keeper.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include <sys/stat.h>

#include "bridge/oauth/obtain.hpp"

namespace weather::oauth {
namespace {

using Milliseconds = std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// Looks at the file of a token that often, at the clock of everything else.
constexpr Milliseconds file_look{2000}, clock_look{30'000}, clock_step{5000};
constexpr Milliseconds longest_farewell{1000};

Milliseconds wall_now() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

std::string key_of(const Settings& from) {
  std::string key;
  const auto add = [&key](const std::string& text) { key += std::to_string(text.size()) + ":" + text; };
  for (const auto& text : {from.url,
                           from.client_id,
                           from.client_secret,
                           from.scope,
                           from.ca_file,
                           from.key.file,
                           from.key.passphrase,
                           from.key.id,
                           from.key.algorithm,
                           from.key.audience,
                           from.key.issuer,
                           from.key.subject,
                           from.token_file,
                           from.aws.region,
                           from.aws.profile,
                           from.aws.credentials_file,
                           from.way.proxy.text(),
                           from.way.username,
                           from.way.password,
                           from.way.ca_file})
    add(text);
  for (const auto* pairs : {&from.parameters, &from.extensions}) {
    for (const auto& [name, value] : *pairs) add(name), add(value);
    key += ';';
  }
  return key + std::to_string(static_cast<int>(from.source)) + std::to_string(static_cast<int>(from.proof)) +
         std::to_string(from.key.life.count());
}

struct Stamp {
  std::uint64_t inode = 0, size = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

Stamp stamp_of(const std::string& path) {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0) return {};
  return {static_cast<std::uint64_t>(found.st_ino), static_cast<std::uint64_t>(found.st_size),
          static_cast<std::int64_t>(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec};
}

struct Room {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Keeper>> keepers;
};
Room& room() {
  static Room only;
  return only;
}

}  // namespace

// Also held by the thread, which a fetch may keep beyond the keeper's end.
struct Keeper::Impl {
  explicit Impl(Settings given) : settings(std::move(given)) {}

  // The thread.
  void run() {
    std::unique_lock lock(mutex);
    while (!stop) {
      look_around();
      if (schedule.due(Steady::now())) {
        fetch(lock);
        continue;
      }
      report_blocked();
      const auto look = Steady::now() + (settings.source == Source::file ? file_look : clock_look);
      wakeup.wait_until(lock, std::min(look, schedule.next(Steady::now())));
    }
  }

  // A file that was replaced, a clock that was set: librdkafka counts a token's life by the wall clock, and
  // what is signed by it is signed anew.
  void look_around() {
    if (const auto stamp = stamp_of(settings.token_file); stamp != seen) {
      seen = stamp;
      schedule.changed(Steady::now());
    }
    const auto steady = std::chrono::duration_cast<Milliseconds>(Steady::now().time_since_epoch());
    const auto offset = wall_now() - steady;
    const auto stepped = std::exchange(wall_offset, offset) - offset;
    if (stepped < clock_step && stepped > -clock_step) return;
    schedule.changed(Steady::now());
    hand_out();
  }

  void fetch(std::unique_lock<std::mutex>& lock) {
    busy = true;
    const auto wall_s = std::chrono::duration_cast<std::chrono::seconds>(wall_now()).count();
    const auto asked = Steady::now();
    lock.unlock();
    auto got = obtain(settings, wall_s);
    lock.lock();
    busy = false;
    fetched.notify_all();
    if (stop) return;
    const auto chance = std::uniform_real_distribution<>()(random);
    if (!got) {
      schedule.failed(Steady::now(), chance);
      reason = std::move(got.error());
      return;
    }
    token = std::move(*got);
    reason.clear();
    not_taken = false;
    schedule.got(asked, token.life, chance);  // its life began before the answer came
    hand_out();
  }

  void hand_out() {
    const auto left = schedule.left(Steady::now());
    if (left.count() == 0) return;
    for (auto* taker : takers) taker->take(token.value, settings.extensions, left);
  }

  void report_blocked() {
    if (schedule.state(Steady::now()) != Schedule::State::blocked) return;
    for (auto* taker : takers) taker->fail(reason);
  }

  const Settings settings;
  mutable std::mutex mutex;
  std::condition_variable wakeup, fetched;
  Schedule schedule{Steady::now()};
  Token token;
  std::string reason;
  std::vector<TokenTaker*> takers;
  Stamp seen = stamp_of(settings.token_file);
  Milliseconds wall_offset =
      wall_now() - std::chrono::duration_cast<Milliseconds>(Steady::now().time_since_epoch());
  std::mt19937_64 random{std::random_device{}()};
  bool stop = false, busy = false;
  bool not_taken = false;  // a broker refused the newest token
  std::thread thread;
};

std::shared_ptr<Keeper> Keeper::of(const Settings& settings) {
  const std::lock_guard lock(room().mutex);
  auto& place = room().keepers[key_of(settings)];
  auto keeper = place.lock();
  if (!keeper) {
    keeper.reset(new Keeper(settings));
    place = keeper;
  }
  return keeper;
}

Keeper::Keeper(const Settings& settings) : impl_(std::make_shared<Impl>(settings)) {
  impl_->thread = std::thread([impl = impl_] { impl->run(); });
}

Keeper::~Keeper() {
  bool busy = false;
  {
    std::unique_lock lock(impl_->mutex);
    impl_->stop = true;
    impl_->wakeup.notify_all();
    // Most answers come soon, and a thread in the middle of TLS is better gone when the program ends.
    busy = !impl_->fetched.wait_for(lock, longest_farewell, [this] { return !impl_->busy; });
  }
  if (busy)
    impl_->thread.detach();
  else
    impl_->thread.join();
}

void Keeper::join(TokenTaker& taker) {
  const std::lock_guard lock(impl_->mutex);
  impl_->takers.push_back(&taker);
  const auto now = Steady::now();
  const bool blocked = impl_->schedule.state(now) == Schedule::State::blocked;
  if (const auto left = impl_->schedule.left(now); left.count() > 0)
    taker.take(impl_->token.value, impl_->settings.extensions, left);
  else if (blocked)
    taker.fail(impl_->reason);
  if (!blocked && !impl_->not_taken) return;
  impl_->schedule.changed(now);  // a client made anew may be a person's wish to try again
  impl_->wakeup.notify_all();
}

void Keeper::leave(TokenTaker& taker) {
  const std::lock_guard lock(impl_->mutex);
  impl_->takers.erase(std::remove(impl_->takers.begin(), impl_->takers.end(), &taker), impl_->takers.end());
}

void Keeper::refused() {
  const std::lock_guard lock(impl_->mutex);
  impl_->not_taken = true;
  impl_->schedule.hurry(Steady::now());
  impl_->wakeup.notify_all();
}

TokenStatus Keeper::status() const {
  const std::lock_guard lock(impl_->mutex);
  const auto now = Steady::now();
  return {place_of(impl_->settings),
          impl_->schedule.state(now),
          std::chrono::duration_cast<std::chrono::seconds>(impl_->schedule.left(now)),
          impl_->reason,
          impl_->token.about,
          impl_->token.note};
}

std::vector<TokenStatus> token_statuses() {
  std::vector<std::shared_ptr<Keeper>> keepers;
  {
    const std::lock_guard lock(room().mutex);
    for (auto at = room().keepers.begin(); at != room().keepers.end();) {
      if (auto keeper = at->second.lock()) {
        keepers.push_back(std::move(keeper));
        ++at;
      } else {
        at = room().keepers.erase(at);
      }
    }
  }
  std::vector<TokenStatus> out;
  for (const auto& keeper : keepers) out.push_back(keeper->status());
  return out;
}

std::string describe(const TokenStatus& status) {
  const auto of = "the token of " + status.place + (status.about.empty() ? "" : " (" + status.about + ")");
  const auto odd = status.note.empty() ? "" : "; " + status.note;
  switch (status.state) {
    case Schedule::State::missing:
      return "no token of " + status.place + " yet";
    case Schedule::State::fresh:
      return of + " lives for another " + in_words(status.left) + odd;
    case Schedule::State::ageing:
      return of + " lives for another " + in_words(status.left) +
             ", and there is no next one: " + status.reason;
    case Schedule::State::blocked:
      return status.reason;
  }
  return {};
}

}  // namespace weather::oauth
