// Which readings a route takes: every pattern given must fit. Pure; any thread once parsed.
//
// A pattern is text in which '*' stands for anything; '|' separates alternatives and a leading '!' turns the
// answer round: "rtl433:*|w1:*", "!test-*".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "bridge/encode/topic_template.hpp"
#include "bridge/options/options.hpp"

namespace weather::bridge {

class Match {
 public:
  // By name: "sensor", "station", "source" or "quantity". None: everything.
  // The error names the wrong one and the names there are.
  static tl::expected<Match, std::string> parse(const MatchPatterns& patterns);

  bool takes_all() const { return patterns_.empty(); }
  // quantities: the names of all of them; one that fits is enough.
  bool fits(const TemplateFields& fields, std::span<const std::string_view> quantities) const;

 private:
  struct Pattern {
    Field field;
    bool inverted;
    std::vector<std::string> alternatives;
  };
  std::vector<Pattern> patterns_;
};

bool fits_glob(std::string_view pattern, std::string_view text);  // '*': any run of characters

}  // namespace weather::bridge
