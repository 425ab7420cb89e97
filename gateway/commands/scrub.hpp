// Takes secrets out of text that leaves the machine. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace weather::gateway {

using Secrets = std::set<std::string>;

// Longest first, so that a secret inside another one does not leave the rest of it behind. Words of fewer
// than three characters are left: they would riddle every text.
std::string scrub(std::string text, const Secrets& secrets);
// The passwords inside a JAAS line: org.apache...PlainLoginModule required username="u" password="p";
void add_jaas_secrets(std::string_view jaas, Secrets& secrets);

}  // namespace weather::gateway
