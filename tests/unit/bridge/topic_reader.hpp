// Reads a topic to its end, and makes one, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
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

// One partition, with these settings. Throws std::runtime_error if the broker refuses.
using TopicConfig = std::vector<std::pair<std::string, std::string>>;
void make_topic(const std::string& servers, const std::string& topic, const TopicConfig& config);

}  // namespace weather::bridge
