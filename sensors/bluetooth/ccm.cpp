#include "sensors/bluetooth/ccm.hpp"

#include <memory>

#include <openssl/evp.h>

namespace weather::sensors::bluetooth {

std::optional<std::vector<std::uint8_t>> open_ccm(const Key& key, Bytes nonce, Bytes encrypted, Bytes tag,
                                                  Bytes beside) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  auto* const cipher = context.get();
  if (cipher == nullptr || encrypted.empty()) return std::nullopt;
  // OpenSSL takes the tag it is to compare with as a pointer it does not write to.
  std::vector<std::uint8_t> expected(tag.begin(), tag.end()), plain(encrypted.size());
  const auto size = [](Bytes bytes) { return static_cast<int>(bytes.size()); };
  int written = 0;
  const bool ready =
      EVP_DecryptInit_ex(cipher, EVP_aes_128_ccm(), nullptr, nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_IVLEN, size(nonce), nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, size(tag), expected.data()) == 1 &&
      EVP_DecryptInit_ex(cipher, nullptr, nullptr, key.data(), nonce.data()) == 1 &&
      (beside.empty() || (EVP_DecryptUpdate(cipher, nullptr, &written, nullptr, size(encrypted)) == 1 &&
                          EVP_DecryptUpdate(cipher, nullptr, &written, beside.data(), size(beside)) == 1));
  if (!ready || EVP_DecryptUpdate(cipher, plain.data(), &written, encrypted.data(), size(encrypted)) != 1)
    return std::nullopt;
  return plain;
}

}  // namespace weather::sensors::bluetooth
