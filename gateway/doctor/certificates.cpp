#include "gateway/doctor/certificates.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include <openssl/pem.h>
#include <openssl/x509.h>

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

CertificateFacts read_certificate(const std::string& what, const fs::path& file) {
  CertificateFacts facts{what, file.string(), "", {}};
  std::FILE* stream = std::fopen(file.c_str(), "re");
  if (stream == nullptr) {
    facts.error = std::strerror(errno);
    return facts;
  }
  X509* certificate = PEM_read_X509(stream, nullptr, nullptr, nullptr);
  std::fclose(stream);
  if (certificate == nullptr) {
    facts.error = "no certificate in it";
    return facts;
  }
  std::tm until{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &until) == 1)
    facts.until_ns = std::int64_t{::timegm(&until)} * 1'000'000'000;
  X509_free(certificate);
  return facts;
}

}  // namespace

std::vector<CertificateFacts> look_at_certificates(const Config& config, const bridge::Properties& kafka) {
  std::vector<CertificateFacts> found;
  const auto add = [&found](const std::string& what, const fs::path& file) {
    if (!file.empty()) found.push_back(read_certificate(what, file));
  };
  std::error_code ignored;
  for (const auto* key : {"ssl.certificate.location", "ssl.ca.location"})
    if (const auto value = kafka.find(key); value != kafka.end() && !fs::is_directory(value->second, ignored))
      add("kafka " + std::string(key), value->second);
  add("web.cert_file", config.web.cert_file);
  for (std::size_t i = 0; i < config.http.size(); ++i)
    for (const auto& [key, file] : {std::pair("cert_file", config.http[i].cert_file),
                                    {"client_ca_file", config.http[i].client_ca_file}})
      add("http[" + std::to_string(i) + "]." + key, file);
  for (std::size_t i = 0; i < config.route.size(); ++i)
    for (const auto& [key, file] :
         {std::pair("cert_file", config.route[i].cert_file), {"ca_file", config.route[i].ca_file}})
      add("route[" + std::to_string(i) + "]." + key, file);
  for (std::size_t i = 0; i < config.mqtt.size(); ++i) {
    add("mqtt[" + std::to_string(i) + "].cert_file", config.mqtt[i].cert_file);
    add("mqtt[" + std::to_string(i) + "].ca_file", config.mqtt[i].ca_file);
  }
  for (std::size_t i = 0; i < config.listener.size(); ++i) {
    add("listener[" + std::to_string(i) + "].cert_file", config.listener[i].cert_file);
    add("listener[" + std::to_string(i) + "].client_ca_file", config.listener[i].client_ca_file);
  }
  return found;
}

const CertificateFacts* first_to_end(const std::vector<CertificateFacts>& certificates) {
  const CertificateFacts* first = nullptr;
  for (const auto& one : certificates)
    if (one.until_ns && (first == nullptr || *one.until_ns < *first->until_ns)) first = &one;
  return first;
}

std::int64_t days_left(const CertificateFacts& certificate, std::int64_t now_ns) {
  constexpr std::int64_t day = std::int64_t{86'400} * 1'000'000'000;
  const auto left = certificate.until_ns.value_or(now_ns) - now_ns;
  return left >= 0 ? left / day : -1;
}

}  // namespace weather::gateway
