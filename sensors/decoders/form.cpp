#include "sensors/decoders/form.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <openssl/evp.h>

#include "sensors/reading/secret_name.hpp"

namespace weather::sensors {
namespace {

constexpr std::string_view hash_prefix = "sha256:";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
               hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Calls back with each "name=value" of the form, escapes untouched.
template <class OnField>
void for_each_field(std::string_view text, OnField on_field) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto field = text.substr(0, end);
    if (!field.empty()) on_field(field);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

FormField split(std::string_view field) {
  const auto equals = field.find('=');
  if (equals == std::string_view::npos) return {unescape(field), {}};
  return {unescape(field.substr(0, equals)), unescape(field.substr(equals + 1))};
}

}  // namespace

std::vector<FormField> parse_form(std::string_view text) {
  std::vector<FormField> fields;
  for_each_field(text, [&](std::string_view field) {
    if (fields.size() <= max_form_fields) fields.push_back(split(field));
  });
  return fields;
}

const FormField* find_field(const std::vector<FormField>& fields, std::string_view name) {
  for (const auto& field : fields) {
    if (same_name(field.name, name)) return &field;
  }
  return nullptr;
}

bool is_secret_field(std::string_view name) {
  if (same_name(name, "passkey")) return false;
  constexpr std::string_view secrets[] = {"key", "siteauthenticationkey"};
  return sounds_secret(name) || std::any_of(std::begin(secrets), std::end(secrets),
                                            [&](std::string_view secret) { return same_name(name, secret); });
}

std::string redact_form(std::string_view text) {
  std::string out;
  for_each_field(text, [&](std::string_view raw) {
    const auto field = split(raw);
    std::string kept(raw);
    if (is_secret_field(field.name)) return;
    if (same_name(field.name, "passkey") && !field.value.starts_with(hash_prefix)) {
      kept = field.name + '=' + std::string(hash_prefix) + sha256_hex(field.value, 8);
    }
    if (!out.empty()) out += '&';
    out += kept;
  });
  return out;
}

std::string sha256_hex(std::string_view bytes, std::size_t digits) {
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += hex[byte >> 4U];
    out += hex[byte & 0x0FU];
  }
  return out.substr(0, digits);
}

}  // namespace weather::sensors
