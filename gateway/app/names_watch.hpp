// Ids in [sensors.names] from which nothing comes: most likely misspelt, or the sensor is away. Pure.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weather::gateway {

class NamesWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Names = std::map<std::string, std::string>;  // id -> name
  // Rarer than a sensor's usual interval.
  static constexpr std::chrono::minutes patience{60};

  // What to tell of `names`, once for each id that has not come for an hour since it was first seen here.
  // `known`: the ids of the sensors there are, asked for only when it is time. Times must not go back.
  std::vector<std::string> look(const Names& names, const std::function<std::set<std::string>()>& known,
                                TimePoint now);

 private:
  struct Given {
    TimePoint since;
    bool reported = false;
  };
  std::map<Names::value_type, Given> given_;
};

}  // namespace weather::gateway
