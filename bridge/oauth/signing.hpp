// Signatures and hashes, by OpenSSL. Touches nothing: a key comes as its PEM.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::oauth {

std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// "RS256" for an RSA key, "ES256" for one of P-256; the error says what is wrong with the key.
tl::expected<std::string, std::string> algorithm_of(std::string_view key_pem, std::string_view passphrase);
// input + "." + its signature (RFC 7515 3.4).
tl::expected<std::string, std::string> signed_token(std::string_view input, std::string_view key_pem,
                                                    std::string_view passphrase);

}  // namespace weather::oauth
