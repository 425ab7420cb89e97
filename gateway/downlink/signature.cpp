#include "gateway/downlink/signature.hpp"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/openssl_free.hpp"

namespace weather::gateway::downlink {
namespace {

using oauth::OpensslFree;
using Key = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// No passphrase is asked for at a terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

tl::expected<PublicKey, std::string> PublicKey::from_text(std::string_view text) {
  PublicKey key;
  const auto bytes = http_client::from_base64url(text);
  if (!bytes || bytes->size() != key.raw_.size() || http_client::to_base64url(*bytes) != text)
    return tl::unexpected(
        std::string("is no Ed25519 key: 43 letters, digits, '-' and '_', as `fleet keygen` prints them"));
  bytes->copy(reinterpret_cast<char*>(key.raw_.data()), key.raw_.size());
  return key;
}

std::string PublicKey::text() const {
  return http_client::to_base64url({reinterpret_cast<const char*>(raw_.data()), raw_.size()});
}

bool PublicKey::verifies(std::string_view bytes, std::string_view signature) const {
  if (signature.size() != signature_bytes) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw_.data(), raw_.size()));
  const Digest digest(EVP_MD_CTX_new());
  const bool right =
      key && EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(digest.get(), raw(signature), signature.size(), raw(bytes), bytes.size()) == 1;
  ERR_clear_error();
  return right;
}

SecretKey::SecretKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {
  if (key == nullptr) throw std::runtime_error("OpenSSL makes no Ed25519 key");
}

SecretKey SecretKey::make() {
  return SecretKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

tl::expected<SecretKey, std::string> SecretKey::from_pem(std::string_view pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519)
    return tl::unexpected(std::string("holds no Ed25519 key in PEM without a passphrase"));
  return SecretKey(key.release());
}

std::string SecretKey::pem() const {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw std::runtime_error("OpenSSL does not write the key");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

PublicKey SecretKey::public_key() const {
  PublicKey key;
  auto size = key.raw_.size();
  if (EVP_PKEY_get_raw_public_key(key_.get(), key.raw_.data(), &size) != 1 || size != key.raw_.size())
    throw std::runtime_error("OpenSSL does not tell the public key");
  return key;
}

std::string SecretKey::sign(std::string_view bytes) const {
  const Digest digest(EVP_MD_CTX_new());
  std::string signature(signature_bytes, '\0');
  auto size = signature.size();
  if (EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, raw(bytes),
                     bytes.size()) != 1 ||
      size != signature.size())
    throw std::runtime_error("OpenSSL does not sign");
  return signature;
}

}  // namespace weather::gateway::downlink
