// What belongs together in [downlink], and what a drop-in that came through it may set. Pure.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/config/load.hpp"
#include "gateway/downlink/drop_ins.hpp"

namespace weather::gateway {

std::vector<ConfigError> check_downlink(const Config& config);

// Kafka's own rule (org.apache.kafka.common.internals.Topic).
bool is_topic_name(std::string_view topic);
std::string not_a_topic(std::string_view topic);  // the sentence

// Each drop-in as a text that lies in data_dir, under a name that says where it came from.
std::vector<ConfigText> drop_in_texts(const downlink::DropIns& drop_ins,
                                      const std::filesystem::path& data_dir);

// One error for each key that a drop-in sets and may not: what only a new start takes over cannot be tried,
// and [downlink] is not for those who send through it. data_dir: as it is without them.
std::vector<ConfigError> forbidden_in_drop_ins(const Config& config, const std::filesystem::path& data_dir);

}  // namespace weather::gateway
