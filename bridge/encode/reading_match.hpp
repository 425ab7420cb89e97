// Whether a route takes a reading: match.hpp over the fields that a reading has. One thread at a time.
#pragma once

#include <string_view>
#include <vector>

#include "bridge/encode/match.hpp"
#include "sensors/reading/view.hpp"

namespace weather::bridge {

TemplateFields fields_of(const sensors::ReadingView& reading);

class ReadingMatch {
 public:
  // Throws std::runtime_error if a pattern is malformed.
  explicit ReadingMatch(const MatchPatterns& patterns);
  bool fits(const sensors::ReadingView& reading) {
    return match_.takes_all() || fits(reading, fields_of(reading));
  }
  bool fits(const sensors::ReadingView& reading, const TemplateFields& fields);

 private:
  Match match_;
  std::vector<std::string_view> quantities_;  // kept for its memory
};

}  // namespace weather::bridge
