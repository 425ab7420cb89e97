// Values by stretches of time, the newest so many of them: least, most and last of each. Pure.
//
// What is added again changes nothing, so that a restart may begin anywhere before what it knows.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace weather::gateway {

struct Bucket {
  static constexpr float none = std::numeric_limits<float>::quiet_NaN();
  float least = none, most = none, last = none;

  bool empty() const { return std::isnan(last); }
  void merge(const Bucket& later);
};

class BucketRing {
 public:
  BucketRing(std::int64_t bucket_s, std::size_t count) : bucket_s_(bucket_s), slots_(count) {}

  // Before the oldest stretch the clock that said so was wrong, or the one before it: all that was is
  // forgotten.
  void add(std::int64_t unix_s, float value) { add(unix_s, {value, value, value}); }
  void add(std::int64_t unix_s, const Bucket& value);

  std::int64_t bucket_s() const { return bucket_s_; }
  std::size_t count() const { return slots_.size(); }
  // Of the stretch this moment is in; empty for those that are not kept.
  Bucket at(std::int64_t unix_s) const;

 private:
  std::int64_t number_of(std::int64_t unix_s) const;
  Bucket& slot(std::int64_t number) { return slots_[static_cast<std::size_t>(number) % slots_.size()]; }

  std::int64_t bucket_s_;
  std::int64_t newest_ = -1;  // none yet
  std::vector<Bucket> slots_;
};

}  // namespace weather::gateway
