#include "gateway/app/usable.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "bridge/kafka/settings.hpp"
#include "bridge/kafka/usable.hpp"
#include "bridge/oauth/settings.hpp"
#include "gateway/app/push_sources.hpp"
#include "gateway/config/routes.hpp"
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

  std::vector<ConfigError> run(const bridge::ForwarderOptions& kafka) && {
    for (std::size_t i = 0; i < config_.mqtt.size(); ++i) mqtt(config_.mqtt[i], prefix("mqtt", i));
    for (std::size_t i = 0; i < config_.listener.size(); ++i)
      listener(config_.listener[i], prefix("listener", i));
    for (std::size_t i = 0; i < config_.http.size(); ++i) http(config_.http[i], prefix("http", i));
    for (std::size_t i = 0; i < config_.listener.size(); ++i)
      port(prefix("listener", i) + "listen", place_of(config_.listener[i]));
    for (std::size_t i = 0; i < config_.http.size(); ++i)
      port(prefix("http", i) + "listen", place_of(config_.http[i]));
    for (std::size_t i = 0; i < config_.udp.size(); ++i)
      port(prefix("udp", i) + "listen", place_of(config_.udp[i]));
    if (config_.web.enabled) port("web.listen", place_of(config_.web));
    if (config_.web.enabled && there(place_of(config_.web)))
      if (const auto access = read_page_access(config_.web); !access) add("web.listen", access.error());
    if (sends_to_kafka(config_)) of_kafka(kafka, kafka.properties, "kafka.properties.");
    for (std::size_t i = 0; i < config_.route.size(); ++i) {
      auto all = kafka.properties;
      for (const auto& [key, value] : config_.route[i].properties) all[key] = value;
      if (!config_.route[i].to.empty()) relay(config_.route[i], prefix("route", i));
      if (!config_.route[i].properties.empty()) of_kafka(kafka, all, prefix("route", i) + "properties.");
    }
    if (!config_.kafka.proxy.ca_file.empty()) trust("kafka.proxy.ca_file", config_.kafka.proxy.ca_file);
    if (!config_.schema_registry.ca_file.empty())
      trust("schema_registry.ca_file", config_.schema_registry.ca_file);
    return std::move(errors_);
  }

 private:
  static std::string prefix(const std::string& section, std::size_t index) {
    return section + "[" + std::to_string(index) + "].";
  }
  void add(const std::string& key, std::string text) {
    errors_.push_back(fault_at(config_, key, std::move(text)));
  }
  static bool there(const ListenPlace& place) { return !missing_file(place); }
  static bool there(const fs::path& file) { return !file.empty() && there(ListenPlace{{}, 0, {{"", file}}}); }

  void port(const std::string& key, const ListenPlace& place) {
    if (auto fault = never_to_be_had(place)) add(key, std::move(*fault));
  }

  // Whether it is there and can be read; that it cannot is said once for each key.
  bool readable(const std::string& key, const fs::path& file) {
    if (!there(file)) return false;
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (stream.peek() != std::ifstream::traits_type::eof()) return true;
    std::error_code ignored;
    const auto text =
        file.string() + (fs::is_directory(file, ignored) ? std::string(" cannot be read: it is a folder")
                         : errno == 0                    ? std::string(" is empty")
                                      : std::string(" cannot be read: ") + std::strerror(errno));
    if (unreadable_.insert(key + " " + file.string()).second) add(key, text);
    return false;
  }

  struct File {
    std::string key;
    fs::path path;
  };
  void pair(const File& certificate, const File& key, const std::string& passphrase = {}) {
    const bool both = readable(certificate.key, certificate.path);
    if (!readable(key.key, key.path) || !both) return;
    if (auto fault = pair_fault(certificate.path, key.path, passphrase); !fault.empty())
      add(key.key, std::move(fault));
  }
  void trust(const std::string& key, const fs::path& file) {
    if (!readable(key, file)) return;
    if (auto fault = trust_fault(file); !fault.empty()) add(key, std::move(fault));
  }
  void secret(const std::string& key, const fs::path& file) { readable(key, file); }

  void mqtt(const MqttConfig& mqtt, const std::string& prefix) {
    pair({prefix + "cert_file", mqtt.cert_file}, {prefix + "key_file", mqtt.key_file});
    trust(prefix + "ca_file", mqtt.ca_file);
    secret(prefix + "password_file", mqtt.password_file);
  }

  void listener(const ListenerConfig& listener, const std::string& prefix) {
    pair({prefix + "cert_file", listener.cert_file}, {prefix + "key_file", listener.key_file});
    trust(prefix + "client_ca_file", listener.client_ca_file);
    if (!readable(prefix + "users_file", listener.users_file)) return;
    std::ifstream file(listener.users_file);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (const auto users = sensors::listener::Users::parse(text); !users)
      add(prefix + "users_file", listener.users_file.string() + ": " + users.error());
  }

  void http(const HttpConfig& http, const std::string& prefix) {
    pair({prefix + "cert_file", http.cert_file}, {prefix + "key_file", http.key_file});
    trust(prefix + "client_ca_file", http.client_ca_file);
    if (!readable(prefix + "tokens_file", http.tokens_file)) return;
    try {
      read_tokens(http.tokens_file, http.ids == "user");
    } catch (const std::exception& error) {
      add(prefix + "tokens_file", error.what());
    }
  }

  void relay(const RouteConfig& route, const std::string& prefix) {
    pair({prefix + "cert_file", route.cert_file}, {prefix + "key_file", route.key_file});
    trust(prefix + "ca_file", route.ca_file);
    secret(prefix + "token_file", route.token_file);
  }

  void of_kafka(const bridge::ForwarderOptions& kafka, const bridge::Properties& all,
                const std::string& prefix) {
    const auto before = errors_.size();
    const auto value = [&all](const char* key) {
      const auto found = all.find(key);
      return found == all.end() ? std::string() : found->second;
    };
    pair({prefix + "ssl.certificate.location", value("ssl.certificate.location")},
         {prefix + "ssl.key.location", value("ssl.key.location")}, value("ssl.key.password"));
    std::error_code error;
    const fs::path authority = value("ssl.ca.location");
    if (fs::is_regular_file(authority, error)) trust(prefix + "ssl.ca.location", authority);
    const auto section = prefix.substr(0, prefix.size() - 1);
    if (const auto login = oauth::read_settings(all); !login) return add(section, login.error());
    // What is left is librdkafka's to say; a file that is missing may come.
    bool complete = errors_.size() == before;
    for (const auto& [key, file] : all)
      if (key.ends_with(".location") && key.starts_with("ssl.") && !fs::exists(file, error)) complete = false;
    if (!complete) return;
    if (auto fault = bridge::client_fault(
            bridge::forwarder_properties(all, kafka.profile, kafka.delivery, bridge::library_version()));
        !fault.empty())
      add(section, "cannot be used together: " + std::move(fault));
  }

  const Config& config_;
  std::set<std::string> unreadable_;
  std::vector<ConfigError> errors_;
};

}  // namespace

std::vector<ConfigError> unusable_files(const Config& config, const bridge::ForwarderOptions& kafka) {
  return Judge(config).run(kafka);
}

}  // namespace weather::gateway
