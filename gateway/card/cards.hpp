// The files of one card, or of one a row of a table of machines: `image configure`. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/card/text.hpp"
#include "gateway/init/plan.hpp"

namespace weather::gateway {

struct CardOrder {
  std::string config_name, config;  // the file as it was read; {COLUMN} stands for what the table has there
  std::string wifi_ssid, wifi_password, country, hostname;
  std::optional<std::string> authorized_keys;
  std::map<std::string, std::string> secrets;  // by name, bytes
  std::string hosts_name;
  std::optional<std::string> hosts;  // CSV
};

struct CardFiles {
  std::string hostname;  // may be empty without a table
  std::vector<PlannedFile> files;
};

// All faults of the order and of each row, before anything is written.
tl::expected<std::vector<CardFiles>, std::vector<CardFault>> plan_cards(const CardOrder& order);

// The columns that mean something by themselves; any other is a name in the configuration.
std::vector<std::string_view> known_columns();

}  // namespace weather::gateway
