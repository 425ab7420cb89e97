// The texts that came through the downlink and that the configuration is read with, behind conf.d, by their
// names. Plain data.
#pragma once

#include <map>
#include <string>

namespace weather::gateway::downlink {

using DropIns = std::map<std::string, std::string>;

}  // namespace weather::gateway::downlink
