// The tokens with which this process logs in to Kafka. Any thread.
#pragma once

#include <vector>

#include "bridge/oauth/keeper.hpp"

namespace weather::bridge {

// Their texts hold no secrets.
std::vector<oauth::TokenStatus> kafka_tokens();
oauth::TokenStatus shown_token(oauth::TokenStatus token);

}  // namespace weather::bridge
