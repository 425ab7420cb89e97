// Where AWS's own tools keep keys: ~/.aws/credentials and ~/.aws/config, and what a credential process
// prints. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "bridge/oauth/aws_sign.hpp"

namespace weather::oauth {

// [profile] -> name -> value; what comes later wins. A section "profile x" of the config file is x.
using Profiles = std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>;
Profiles read_profiles(std::string_view text);

struct ProcessKeys {
  AwsKeys keys;
  std::optional<std::int64_t> expires_s;
};
// The JSON of a credential process, Version 1.
tl::expected<ProcessKeys, std::string> read_process_output(std::string_view text);

// Words of a command line as AWS's tools split it: quotes and backslashes, no shell. Empty: a quote is left
// open.
std::vector<std::string> split_command(std::string_view line);

}  // namespace weather::oauth
