#include "bridge/kafka/java_client.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "bridge/kafka/setting_names.hpp"

namespace weather::bridge {
namespace {

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// Java takes a PEM whose lines were joined by blanks; OpenSSL does not.
std::string with_lines(std::string_view pem) {
  std::string out;
  constexpr std::string_view dashes = "-----";
  while (!pem.empty()) {
    while (!pem.empty() && is_space(pem.front())) pem.remove_prefix(1);
    if (pem.empty()) break;
    const auto closing = pem.starts_with(dashes) ? pem.find(dashes, dashes.size()) : std::string_view::npos;
    auto end = closing == std::string_view::npos ? 0 : closing + dashes.size();
    if (end == 0)
      while (end < pem.size() && !is_space(pem[end])) ++end;
    out.append(pem.substr(0, end)).push_back('\n');
    pem.remove_prefix(end);
  }
  return out;
}

struct JaasName {
  std::string_view java, ours, before;
};
constexpr JaasName jaas_names[] = {
    {"clientId", "sasl.oauthbearer.client.id", ""},
    {"clientSecret", "sasl.oauthbearer.client.secret", ""},
    {"scope", "sasl.oauthbearer.scope", ""},
    {"oauth.token.endpoint.uri", "sasl.oauthbearer.token.endpoint.url", ""},
    {"oauth.client.id", "sasl.oauthbearer.client.id", ""},
    {"oauth.client.secret", "sasl.oauthbearer.client.secret", ""},
    {"oauth.scope", "sasl.oauthbearer.scope", ""},
    {"oauth.audience", "sasl.oauthbearer.parameters", "audience="},
    {"oauth.ssl.truststore.location", "https.ca.location", ""},
};

enum class Store : std::uint8_t { pem, pkcs12, jks };

class Taking {
 public:
  explicit Taking(const std::vector<Property>& from) {
    for (const auto& one : from) by_name_[one.key] = &one;
    for (const auto& one : from) take(one);
  }
  TakenOver result() { return std::move(out_); }

 private:
  void take(const Property& one) {
    const std::string_view key = one.key;
    if (key == "sasl.jaas.config") return jaas(one);
    if ((key == "sasl.mechanism" || key == "sasl.mechanisms") && one.value == "AWS_MSK_IAM") {
      give(one, key, "OAUTHBEARER");
      return give(one, "sasl.oauthbearer.method", "aws_msk_iam");
    }
    if (key.starts_with("schema.registry.") || key.starts_with("basic.auth.")) return registry(one);
    if (key.starts_with("ssl.truststore.") || key.starts_with("ssl.keystore.")) return store(one);
    if (key == "ssl.endpoint.identification.algorithm")
      return give(one, key, one.value.empty() ? "none" : lower(one.value));
    const auto* java = find_setting(key) == nullptr ? find_java_name(key) : nullptr;
    if (java == nullptr) return give(one, key, one.value);
    if (java->ours.empty()) return out_.passed_over.push_back(one.key);
    give(one, java->ours, one.value);
  }

  // What the file says itself under librdkafka's name goes before what is made of something else.
  void give(const Property& from, std::string_view key, std::string value) {
    if (key != from.key && by_name_.contains(key)) return;
    out_.properties.push_back({std::string(key), std::move(value), from.line});
  }

  void cannot(const Property& one, std::string why) {
    out_.errors.push_back({one.line, one.key, "\"" + one.key + "\" " + std::move(why)});
  }

  const std::string* value_of(std::string_view key) const {
    const auto found = by_name_.find(key);
    return found == by_name_.end() ? nullptr : &found->second->value;
  }

  void jaas(const Property& one) {
    const auto options = parse_jaas(one.value);
    const auto option = [&](std::string_view name) -> std::string {
      const auto found = std::ranges::find(options, name, &std::pair<std::string, std::string>::first);
      return found == options.end() ? "" : found->second;
    };
    const auto module = option("module");
    const bool has_mechanism = by_name_.contains("sasl.mechanism") || by_name_.contains("sasl.mechanisms");
    if (module == "PlainLoginModule" || module == "ScramLoginModule") {
      if (!has_mechanism) {
        if (module == "ScramLoginModule")
          return cannot(one, "does not say which: add sasl.mechanism=SCRAM-SHA-256 or SCRAM-SHA-512");
        give(one, "sasl.mechanisms", "PLAIN");
      }
      if (option("username").empty()) return cannot(one, "names no username");
      give(one, "sasl.username", option("username"));
      give(one, "sasl.password", option("password"));
    } else if (module == "OAuthBearerLoginModule") {
      if (!has_mechanism) give(one, "sasl.mechanisms", "OAUTHBEARER");
      by_token(one, options);
    } else if (module == "IAMLoginModule") {
      if (!has_mechanism) give(one, "sasl.mechanisms", "OAUTHBEARER");
      if (!option("awsRoleArn").empty())
        return cannot(one,
                      "asks for a role (awsRoleArn): give a profile whose credential_process assumes it");
      give(one, "sasl.oauthbearer.method", "aws_msk_iam");
      if (!option("awsProfileName").empty())
        give(one, "sasl.oauthbearer.aws.profile", option("awsProfileName"));
    } else if (module.empty()) {
      cannot(one, "is no JAAS entry: MODULE required NAME=\"VALUE\" ...;");
    } else {
      cannot(one,
             "uses " + module.substr(0, 60) +
                 ", which is not supported here: use PLAIN, SCRAM, OAUTHBEARER, IAM or a client certificate");
    }
  }

  // Kafka's own names, and those of Strimzi's callback handler.
  void by_token(const Property& one, const std::vector<std::pair<std::string, std::string>>& options) {
    std::string extensions, unsecured;
    for (const auto& [name, value] : options) {
      const auto* known = std::ranges::find(jaas_names, name, &JaasName::java);
      if (known != std::end(jaas_names) && !value.empty())
        give(one, known->ours, std::string(known->before) + value);
      if (name.starts_with("extension_"))
        extensions += (extensions.empty() ? "" : ",") + name.substr(10) + '=' + value;
      if (name == "unsecuredLoginStringClaim_sub") unsecured = value;
    }
    if (!extensions.empty()) give(one, "sasl.oauthbearer.extensions", extensions);
    if (unsecured.empty()) return give(one, "sasl.oauthbearer.method", "oidc");
    give(one, "enable.sasl.oauthbearer.unsecure.jwt", "true");
    give(one, "sasl.oauthbearer.config", "principal=" + unsecured);
  }

  void registry(const Property& one) {
    const std::string_view key = one.key;
    if (key == "schema.registry.url") {
      out_.registry.url = one.value;
      return;
    }
    if (key == "basic.auth.user.info" || key == "schema.registry.basic.auth.user.info") {
      const auto colon = one.value.find(':');
      if (colon == std::string::npos) return cannot(one, "is USER:PASSWORD");
      out_.registry.username = one.value.substr(0, colon);
      out_.registry.password = one.value.substr(colon + 1);
      return;
    }
    out_.passed_over.push_back(one.key);
  }

  Store kind_of(std::string_view store) const {
    const auto* type = value_of(std::string(store) + ".type");
    const auto* location = value_of(std::string(store) + ".location");
    const auto name = lower(location != nullptr ? *location : "");
    const auto ends = [&](std::string_view end) { return name.ends_with(end); };
    if (type != nullptr) {
      const auto kind = lower(*type);
      return kind == "pem" ? Store::pem : kind == "pkcs12" ? Store::pkcs12 : Store::jks;
    }
    if (ends(".pem") || ends(".crt") || ends(".cer")) return Store::pem;
    return ends(".p12") || ends(".pfx") ? Store::pkcs12 : Store::jks;
  }

  void store(const Property& one) {
    const bool trust = one.key.starts_with("ssl.truststore.");
    const std::string base = trust ? "ssl.truststore" : "ssl.keystore";
    const auto what = std::string_view(one.key).substr(base.size() + 1);
    if (what == "type") return;
    if (what == "certificates" && trust) return give(one, "ssl.ca.pem", with_lines(one.value));
    if (what == "certificate.chain") return give(one, "ssl.certificate.pem", with_lines(one.value));
    if (what == "key") return give(one, "ssl.key.pem", with_lines(one.value));
    const auto kind = kind_of(base);
    if (what == "password") {
      if (!trust && kind == Store::pkcs12) give(one, one.key, one.value);
      return;
    }
    if (what != "location") return give(one, one.key, one.value);
    if (kind == Store::pem) {
      if (trust) return give(one, "ssl.ca.location", one.value);
      give(one, "ssl.certificate.location", one.value);
      return give(one, "ssl.key.location", one.value);
    }
    if (trust)
      return cannot(one, "must be a file of PEM certificates: keytool -list -rfc -keystore " + one.value +
                             " > ca.pem, then " + base + ".type=PEM and " + base +
                             ".location with that file");
    if (kind == Store::pkcs12) return give(one, one.key, one.value);
    cannot(one, "must be PKCS#12 or PEM: keytool -importkeystore -srckeystore " + one.value +
                    " -destkeystore client.p12 -deststoretype PKCS12, then " + base + ".type=PKCS12 and " +
                    base + ".location with that file");
  }

  std::map<std::string, const Property*, std::less<>> by_name_;
  TakenOver out_;
};

}  // namespace

TakenOver from_java(const std::vector<Property>& properties) {
  return Taking(properties).result();
}

std::string passed_over_text(const TakenOver& taken) {
  std::string text;
  for (const auto& name : taken.passed_over)
    text += (text.empty() ? ": of the Java client and passed over: " : ", ") + name;
  return text;
}

std::vector<std::pair<std::string, std::string>> parse_jaas(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  std::size_t i = 0;
  const auto blanks = [&] {
    while (i < text.size() && is_space(text[i])) ++i;
  };
  const auto word = [&] {
    const auto from = i;
    while (i < text.size() && !is_space(text[i]) && text[i] != '=' && text[i] != ';') ++i;
    return text.substr(from, i - from);
  };
  const auto value = [&] {
    if (i >= text.size() || (text[i] != '"' && text[i] != '\'')) return std::string(word());
    const char quote = text[i++];
    std::string said;
    while (i < text.size() && text[i] != quote) {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      said += text[i++];
    }
    if (i < text.size()) ++i;
    return said;
  };
  blanks();
  const auto module = word();
  if (module.find('.') == std::string_view::npos) return out;
  out.emplace_back("module", module.substr(module.rfind('.') + 1));
  for (blanks(); i < text.size() && text[i] != ';'; blanks()) {
    const auto name = word();
    blanks();
    if (i < text.size() && text[i] == '=') {
      ++i;
      blanks();
      out.emplace_back(name, value());
    } else if (name.empty()) {
      ++i;  // a quote where a name should be
    }
  }
  return out;
}

}  // namespace weather::bridge
