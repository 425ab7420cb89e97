// How many records a limited rate allows now: a token bucket of one second, divided between what comes in now
// and the backlog; what one of them does not use is the other's. Pure; one thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace weather::bridge {

enum class Part : std::uint8_t { backlog, live };

class Budget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // per_second 0: no limit.
  Budget(double per_second, Time now) : per_second_(per_second), at_(now) { fill(); }

  void set_rate(double per_second) { per_second_ = per_second; }
  // 0: there is no live part, all is the backlog's.
  void set_live_share(double share) {
    live_share_ = share;
    fill();
  }
  double per_second() const { return per_second_; }
  bool limited() const { return per_second_ > 0; }

  bool take(Time now, Part part = Part::backlog) {
    if (per_second_ <= 0) return true;
    add(std::chrono::duration<double>(now - at_).count() * per_second_);
    at_ = now;
    double& left = left_[index(part)];
    if (left < 1) return false;
    left -= 1;
    return true;
  }

  // Until take() will succeed again.
  std::chrono::milliseconds wait(Part part = Part::backlog) const {
    const double left = left_[index(part)];
    if (per_second_ <= 0 || left >= 1) return std::chrono::milliseconds(0);
    return std::chrono::milliseconds(
        1 + static_cast<std::int64_t>((1 - left) / (per_second_ * share(part)) * 1000));
  }

 private:
  static std::size_t index(Part part) { return static_cast<std::size_t>(part); }
  double share(Part part) const { return part == Part::live ? live_share_ : 1 - live_share_; }
  double most(Part part) const { return std::max(1.0, per_second_ * share(part)); }
  void fill() { left_ = {most(Part::backlog), most(Part::live)}; }

  void add(double tokens) {
    double over = 0;
    for (const Part part : {Part::live, Part::backlog}) {
      double& left = left_[index(part)];
      left += tokens * share(part);
      over += std::max(0.0, left - most(part));
      left = std::min(left, most(part));
    }
    for (const Part part : {Part::live, Part::backlog}) {
      double& left = left_[index(part)];
      const double given = std::min(over, most(part) - left);
      left += given;
      over -= given;
    }
  }

  double per_second_, live_share_ = 0;
  std::array<double, 2> left_{};
  Time at_;
};

}  // namespace weather::bridge
