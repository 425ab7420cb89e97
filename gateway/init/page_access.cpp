#include "gateway/init/page_access.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include <arpa/inet.h>
#include <crypt.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "bridge/oauth/openssl_free.hpp"

namespace weather::gateway {
namespace {

using Key = std::unique_ptr<EVP_PKEY, oauth::OpensslFree<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, oauth::OpensslFree<X509_free>>;
using Memory = std::unique_ptr<BIO, oauth::OpensslFree<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, oauth::OpensslFree<X509_EXTENSION_free>>;

constexpr std::size_t longest_name = 63;

tl::unexpected<std::string> failed(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return tl::unexpected("OpenSSL cannot make " + what + ": " + text.data());
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::vector<std::string>& hosts, int days) {
  std::array<unsigned char, 16> serial{};
  if (RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1) return false;
  serial[0] &= 0x7FU;  // positive
  const std::unique_ptr<BIGNUM, oauth::OpensslFree<BN_free>> number(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr)
    return false;
  constexpr long hour = 3600, day = 24 * hour;
  std::string names;
  for (const auto& host : hosts)
    names += (names.empty() ? "" : ",") + std::string(is_address(host) ? "IP:" : "DNS:") + host;
  auto* subject = X509_get_subject_name(certificate);
  const auto common = hosts.front().substr(0, longest_name);
  return X509_set_version(certificate, 2) == 1 &&
         // A Raspberry Pi without a clock of its own may be behind.
         X509_gmtime_adj(X509_getm_notBefore(certificate), -day) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), days * day) != nullptr &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         add_extension(certificate, NID_subject_alt_name, names) &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
         X509_sign(certificate, key, EVP_sha256()) != 0;
}

}  // namespace

tl::expected<KeyPair, std::string> make_certificate(const std::vector<std::string>& hosts, int days) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return failed("a key");
  const Certificate certificate(X509_new());
  if (!certificate || !fill(certificate.get(), key.get(), hosts, days)) return failed("a certificate");
  const Memory certificate_pem(BIO_new(BIO_s_mem())), key_pem(BIO_new(BIO_s_mem()));
  if (!certificate_pem || !key_pem || PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failed("a PEM file");
  return KeyPair{text_of(certificate_pem.get()), text_of(key_pem.get())};
}

std::string fingerprint(const std::string& certificate_pem) {
  const Memory memory(BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) return {};
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i != 0) text += ':';
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

tl::expected<std::string, std::string> hash_password(const std::string& password) {
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt{};
  if (::crypt_gensalt_rn("$y$", 0, nullptr, 0, salt.data(), static_cast<int>(salt.size())) == nullptr)
    return tl::unexpected(std::string("crypt cannot make a salt for yescrypt"));
  const auto data = std::make_unique<crypt_data>();
  const char* hash = ::crypt_r(password.c_str(), salt.data(), data.get());
  if (hash == nullptr || hash[0] == '*')
    return tl::unexpected(std::string("crypt cannot hash this password"));
  return std::string(hash);
}

std::string random_password() {
  // 32 of them, none that looks like another.
  constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::array<unsigned char, 20> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  std::string password;
  for (const auto byte : bytes) password += letters[byte % letters.size()];
  return password;
}

std::string with_user(const std::string& users, const std::string& name, const std::string& hash) {
  std::string out;
  for (std::size_t at = 0; at < users.size();) {
    const auto end = std::min(users.find('\n', at), users.size());
    const auto line = users.substr(at, end - at);
    if (!line.starts_with(name + ":")) out += line + "\n";
    at = end + 1;
  }
  return out + name + ":" + hash + "\n";
}

std::string fault_of_host(const std::string& host) {
  const bool good = !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
  });
  if (good || is_address(host)) return {};
  return "\"" + host +
         "\" is no host name: write what browsers will call this machine, as pi.lan or 192.168.1.20";
}

std::string fault_of_user(const std::string& user) {
  const bool good = !user.empty() && user.size() <= longest_name && user.front() != '#' &&
                    std::all_of(user.begin(), user.end(), [](char c) {
                      return static_cast<unsigned char>(c) > ' ' && c != ':' && c != '\x7f';
                    });
  return good ? "" : "\"" + user + "\" is no user name: no blanks, no colon";
}

std::vector<PlannedFile> plan_page(const std::vector<std::string>& hosts, const std::string& listen,
                                   const KeyPair& pair, const std::string& users) {
  std::string names;
  for (const auto& host : hosts) names += (names.empty() ? "" : ", ") + toml_text(host);
  return {{"page.crt", pair.certificate, false},
          {"page.key", pair.key, true},
          {"page.users", users, true},
          {"conf.d/page.toml",
           "# The page, for other machines: with TLS, and for the users in page.users.\n[web]\nlisten = " +
               toml_text(listen) + "\nhosts = [" + names +
               "]\ncert_file = \"../page.crt\"\nkey_file = \"../page.key\"\nusers_file = \"../page.users\"\n",
           false}};
}

}  // namespace weather::gateway
