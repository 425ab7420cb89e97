// hostname.txt and authorized_keys of the card. Pure; any thread. Both take tidy texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/card/text.hpp"

namespace weather::gateway {

// What a machine may be called in a network, in lower case. The error can follow "hostname: ".
tl::expected<std::string, std::string> host_name_from(std::string_view text);
// The first line that says something; the fault's file is empty.
tl::expected<std::string, CardFault> read_host_name(std::string_view text);

struct AuthorizedKeys {
  std::string text;  // the lines that are keys
  std::vector<CardFault> faults;
};
AuthorizedKeys read_authorized_keys(std::string_view text);

}  // namespace weather::gateway
