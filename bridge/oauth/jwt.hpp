// JSON Web Tokens (RFC 7519): what one says of itself, unverified, and the claims of one of ours. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weather::oauth {

struct Claims {
  std::optional<std::int64_t> expires_s, not_before_s, issued_s;  // Unix time
  std::string subject, issuer;
  std::vector<std::string> audience;
};

// Nothing: the token is none, as an opaque one.
std::optional<Claims> read_claims(std::string_view token);

// "audience kafka, issuer https://id.example, subject pi-7"; what is not there is left out.
std::string describe(const Claims& claims);

// Who a client says it is (RFC 7523 3).
struct Assertion {
  std::string algorithm;  // "RS256" or "ES256"
  std::string key_id;     // may be empty
  std::string issuer, subject, audience, id;
  std::int64_t issued_s = 0;
  std::chrono::seconds life{300};
};

// What is to be signed: header and claims, encoded.
std::string signing_input(const Assertion& assertion);

}  // namespace weather::oauth
