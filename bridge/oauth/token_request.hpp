// What is asked of a token endpoint (RFC 6749 4.4, RFC 7523 2). Pure.
#pragma once

#include <cstdint>
#include <string>

#include "bridge/oauth/jwt.hpp"
#include "bridge/oauth/settings.hpp"

namespace weather::oauth {

struct TokenRequest {
  std::string body;           // application/x-www-form-urlencoded
  std::string authorization;  // may be empty
};

// assertion: signed; of the proofs that need one.
TokenRequest token_request(const Settings& settings, const std::string& assertion);

// What is to be signed for it. id: one that was never used.
Assertion assertion_of(const Settings& settings, std::string algorithm, std::int64_t now_s, std::string id);

}  // namespace weather::oauth
