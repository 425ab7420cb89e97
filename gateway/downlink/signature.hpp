// Ed25519 signatures (RFC 8032) by OpenSSL. Computes and touches nothing; any thread.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

struct evp_pkey_st;

namespace weather::gateway::downlink {

inline constexpr std::size_t signature_bytes = 64;

// As it stands in [downlink.keys]: 43 characters of base64url, without padding.
class PublicKey {
 public:
  static tl::expected<PublicKey, std::string> from_text(std::string_view text);
  std::string text() const;
  bool verifies(std::string_view bytes, std::string_view signature) const;
  bool operator==(const PublicKey&) const = default;

 private:
  friend class SecretKey;
  std::array<unsigned char, 32> raw_{};
};

class SecretKey {
 public:
  static SecretKey make();
  // PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it; the error is the end of a sentence.
  static tl::expected<SecretKey, std::string> from_pem(std::string_view pem);
  std::string pem() const;
  PublicKey public_key() const;
  std::string sign(std::string_view bytes) const;

 private:
  explicit SecretKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace weather::gateway::downlink
