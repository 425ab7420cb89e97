// Reads a topic to its end, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weather::bridge {

struct TopicRecord {
  std::string key, value, id;
  std::uint64_t sequence = 0;  // the part of ce_id behind the log id
  std::int64_t timestamp_ms = 0;
};

// In each partition's order. Waits until `at_least` different ids are there and then for stragglers, or gives
// up after 20 s.
std::vector<TopicRecord> read_topic(const std::string& servers, const std::string& topic,
                                    std::size_t at_least);

}  // namespace weather::bridge
