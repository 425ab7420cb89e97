#include "gateway/app/usable.hpp"

#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "gateway/app/push_sources.hpp"
#include "gateway/doctor/place.hpp"
#include "gateway/http/access.hpp"
#include "sensors/listener/users.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

// Why these cannot be used together; empty: they can. `passphrase` is the key's, or empty.
std::string pair_fault(const fs::path& certificate, const fs::path& key, const std::string& passphrase) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  // Never asks on the terminal.
  SSL_CTX_set_default_passwd_cb(context.get(), [](char* to, int size, int, void* phrase) {
    const auto& text = *static_cast<const std::string*>(phrase);
    if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(to, text.data(), text.size());
    return static_cast<int>(text.size());
  });
  SSL_CTX_set_default_passwd_cb_userdata(context.get(), const_cast<std::string*>(&passphrase));
  std::string fault;
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
    fault = certificate.string() + " holds no certificate that can be used";
  else if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    fault = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
                ? key.string() + " is not the key of " + certificate.string()
                : key.string() + " holds no key that can be used" +
                      (passphrase.empty() ? "; one with a passphrase cannot" : "");
  else if (SSL_CTX_check_private_key(context.get()) != 1)
    fault = key.string() + " is not the key of " + certificate.string();
  ERR_clear_error();
  return fault;
}

// Why this is no file of certificates to trust; empty: it is.
std::string trust_fault(const fs::path& file) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  const bool good = SSL_CTX_load_verify_file(context.get(), file.c_str()) == 1;
  ERR_clear_error();
  return good ? "" : file.string() + " holds no certificate that can be used";
}

class Judge {
 public:
  explicit Judge(const Config& config) : config_(config) {}

  std::vector<ConfigError> run(const bridge::Properties& kafka) && {
    for (std::size_t i = 0; i < config_.mqtt.size(); ++i) mqtt(config_.mqtt[i], prefix("mqtt", i));
    for (std::size_t i = 0; i < config_.listener.size(); ++i)
      listener(config_.listener[i], prefix("listener", i));
    for (std::size_t i = 0; i < config_.http.size(); ++i) http(config_.http[i], prefix("http", i));
    if (config_.web.enabled && there(place_of(config_.web)))
      if (const auto access = read_page_access(config_.web); !access) add("web.listen", access.error());
    of_kafka(kafka, "kafka.properties.");
    for (std::size_t i = 0; i < config_.route.size(); ++i) {
      auto all = kafka;
      for (const auto& [key, value] : config_.route[i].properties) all[key] = value;
      if (!config_.route[i].properties.empty()) of_kafka(all, prefix("route", i) + "properties.");
    }
    if (!config_.schema_registry.ca_file.empty())
      trust("schema_registry.ca_file", config_.schema_registry.ca_file);
    return std::move(errors_);
  }

 private:
  static std::string prefix(const std::string& section, std::size_t index) {
    return section + "[" + std::to_string(index) + "].";
  }
  void add(const std::string& key, std::string text) {
    const auto place = config_.places.find(key);
    errors_.push_back({place == config_.places.end() ? Place{} : place->second, key, std::move(text)});
  }
  static bool there(const ListenPlace& place) { return !missing_file(place); }
  static bool there(const fs::path& file) { return !file.empty() && there(ListenPlace{{}, 0, {{"", file}}}); }

  void pair(const std::string& key, const fs::path& certificate, const fs::path& private_key,
            const std::string& passphrase = {}) {
    if (!there(certificate) || !there(private_key)) return;
    if (auto fault = pair_fault(certificate, private_key, passphrase); !fault.empty())
      add(key, std::move(fault));
  }
  void trust(const std::string& key, const fs::path& file) {
    if (!there(file)) return;
    if (auto fault = trust_fault(file); !fault.empty()) add(key, std::move(fault));
  }
  // Its first line is the secret.
  void secret(const std::string& key, const fs::path& file) {
    if (!there(file)) return;
    std::ifstream stream(file);
    std::string line;
    if (!std::getline(stream, line)) add(key, file.string() + " cannot be read");
  }

  void mqtt(const MqttConfig& mqtt, const std::string& prefix) {
    pair(prefix + "key_file", mqtt.cert_file, mqtt.key_file);
    trust(prefix + "ca_file", mqtt.ca_file);
    secret(prefix + "password_file", mqtt.password_file);
  }

  void listener(const ListenerConfig& listener, const std::string& prefix) {
    pair(prefix + "key_file", listener.cert_file, listener.key_file);
    trust(prefix + "client_ca_file", listener.client_ca_file);
    if (!there(listener.users_file)) return;
    std::ifstream file(listener.users_file);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (const auto users = sensors::listener::Users::parse(text); !users)
      add(prefix + "users_file", listener.users_file.string() + ": " + users.error());
  }

  void http(const HttpConfig& http, const std::string& prefix) {
    pair(prefix + "key_file", http.cert_file, http.key_file);
    if (!there(http.tokens_file)) return;
    try {
      read_tokens(http.tokens_file, http.ids == "user");
    } catch (const std::exception& error) {
      add(prefix + "tokens_file", error.what());
    }
  }

  void of_kafka(const bridge::Properties& all, const std::string& prefix) {
    const auto value = [&all](const char* key) {
      const auto found = all.find(key);
      return found == all.end() ? std::string() : found->second;
    };
    pair(prefix + "ssl.key.location", value("ssl.certificate.location"), value("ssl.key.location"),
         value("ssl.key.password"));
    std::error_code error;
    const fs::path authority = value("ssl.ca.location");
    if (fs::is_regular_file(authority, error)) trust(prefix + "ssl.ca.location", authority);
  }

  const Config& config_;
  std::vector<ConfigError> errors_;
};

}  // namespace

std::vector<ConfigError> unusable_files(const Config& config, const bridge::Properties& kafka) {
  return Judge(config).run(kafka);
}

}  // namespace weather::gateway
