#include "bridge/oauth/signing.hpp"

#include <array>
#include <memory>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/openssl_free.hpp"

namespace weather::oauth {
namespace {

using Key = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using Points = std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int give_passphrase(char* out, int size, int, void* wanted) {
  const auto& passphrase = *static_cast<const std::string_view*>(wanted);
  if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(size)) return -1;
  passphrase.copy(out, passphrase.size());
  return static_cast<int>(passphrase.size());
}

tl::expected<Key, std::string> read_key(std::string_view pem, std::string_view passphrase) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, give_passphrase, &passphrase));
  ERR_clear_error();
  if (key) return key;
  return tl::unexpected(std::string(pem.find("ENCRYPTED") == std::string_view::npos
                                        ? "holds no private key in PEM"
                                        : "is encrypted, and its passphrase is missing or wrong"));
}

// ECDSA as r and s of 32 bytes each (RFC 7518 3.4); OpenSSL has them in ASN.1.
std::string as_points(const std::string& der) {
  const unsigned char* at = raw(der);
  const Points points(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::array<unsigned char, 64> out{};
  if (!points) return {};
  BN_bn2binpad(ECDSA_SIG_get0_r(points.get()), out.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(points.get()), out.data() + 32, 32);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string algorithm_for(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return "RS256";
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == 256 ? "ES256" : "";
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(bytes), bytes.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

tl::expected<std::string, std::string> algorithm_of(std::string_view key_pem, std::string_view passphrase) {
  const auto key = read_key(key_pem, passphrase);
  if (!key) return tl::unexpected(key.error());
  auto name = algorithm_for(key->get());
  if (name.empty()) return tl::unexpected(std::string("holds neither an RSA key nor one of the curve P-256"));
  return name;
}

tl::expected<std::string, std::string> signed_token(std::string_view input, std::string_view key_pem,
                                                    std::string_view passphrase) {
  const auto key = read_key(key_pem, passphrase);
  if (!key) return tl::unexpected(key.error());
  const Digest digest(EVP_MD_CTX_new());
  std::size_t size = 0;
  std::string signature;
  if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key->get()) == 1 &&
      EVP_DigestSign(digest.get(), nullptr, &size, raw(input), input.size()) == 1) {
    signature.resize(size);
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    if (EVP_DigestSign(digest.get(), out, &size, raw(input), input.size()) != 1) size = 0;
    signature.resize(size);
  }
  if (algorithm_for(key->get()) == "ES256") signature = as_points(signature);
  ERR_clear_error();
  if (signature.empty()) return tl::unexpected(std::string("holds a key that does not sign"));
  return std::string(input) + "." + http_client::to_base64url(signature);
}

}  // namespace weather::oauth
