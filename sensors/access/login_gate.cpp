#include "sensors/access/login_gate.hpp"

#include <algorithm>

#include <openssl/hmac.h>

namespace weather::sensors {
namespace {

// Addresses and names hold no newline that would matter: a key that two pairs share is counted for both.
std::string pair_of(std::string_view address, std::string_view user) {
  return std::string(address) + '\n' + std::string(user.substr(0, 256));
}

}  // namespace

std::chrono::milliseconds LoginLimiter::attempt(const std::string& key, Clock::time_point now) {
  auto found = keys_.find(key);
  if (found != keys_.end() && now - found->second.last >= forgotten_after) {
    keys_.erase(found);
    found = keys_.end();
  }
  if (found == keys_.end()) {
    make_room(now);
    found = keys_.emplace(key, Tries{}).first;
  }
  auto& tries = found->second;
  if (now < tries.not_before) return std::chrono::ceil<std::chrono::milliseconds>(tries.not_before - now);
  tries.last = now;
  if (++tries.count >= free_tries) {
    const auto doublings = std::min(tries.count - free_tries + 1, 6U);
    tries.not_before = now + std::min(std::chrono::seconds(1U << doublings), longest_wait_);
  }
  return std::chrono::milliseconds(0);
}

// A flood of keys costs no memory: the one that tried longest ago is forgotten.
void LoginLimiter::make_room(Clock::time_point now) {
  if (keys_.size() < most_keys) return;
  std::erase_if(keys_, [&](const auto& entry) { return now - entry.second.last >= forgotten_after; });
  if (keys_.size() < most_keys) return;
  keys_.erase(std::ranges::min_element(
      keys_, [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
}

std::string LoginGate::digest(std::string_view user, std::string_view password) const {
  std::string text = std::to_string(user.size()) + ':';
  text.append(user).append(password);
  unsigned char made[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), made, &size);
  return {reinterpret_cast<const char*>(made), size};
}

std::optional<bool> LoginGate::known(std::string_view user, std::string_view password) const {
  const auto found = known_.find(digest(user, password));
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

std::chrono::milliseconds LoginGate::attempt(std::string_view address, std::string_view user,
                                             Clock::time_point now) {
  return limiter_.attempt(pair_of(address, user), now);
}

void LoginGate::answered(std::string_view address, std::string_view user, std::string_view password,
                         bool right) {
  if (right) limiter_.right(pair_of(address, user));
  if (right && right_ >= most_remembered) return;
  auto made = digest(user, password);
  if (!known_.emplace(made, right).second) return;
  if (right) {
    ++right_;
    return;
  }
  wrong_.push_back(std::move(made));
  if (wrong_.size() <= most_remembered) return;
  known_.erase(wrong_.front());
  wrong_.pop_front();
}

void LoginGate::forget() {
  known_.clear();
  wrong_.clear();
  right_ = 0;
}

}  // namespace weather::sensors
