// The token of MSK's IAM: an address signed by Signature Version 4, in base64. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weather::oauth {

struct AwsKeys {
  std::string access_key_id, secret_access_key, session_token;  // the last may be empty
};

inline constexpr std::chrono::seconds msk_token_life{900};

// As AWS's own signers make it, byte for byte. agent: who asks; goes behind the signature.
std::string msk_token(const AwsKeys& keys, std::string_view region, std::int64_t now_s,
                      std::string_view agent);

}  // namespace weather::oauth
