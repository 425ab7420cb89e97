// Gets one token from where the settings say. Blocks the calling thread, at most about half a minute, a
// credential process a minute.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "bridge/oauth/settings.hpp"
#include "bridge/oauth/token.hpp"

namespace weather::oauth {

// now_s: Unix time by this machine's clock. The error says what happened and what to do, and holds no secret
// of the settings.
tl::expected<Token, std::string> obtain(const Settings& settings, std::int64_t now_s);

}  // namespace weather::oauth
