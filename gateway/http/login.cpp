#include "gateway/http/login.hpp"

#include <openssl/evp.h>
#include <strings.h>

namespace weather::gateway {
namespace {

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  const auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0);
  if (text.substr(0, text.size() - padding).find('=') != std::string_view::npos) return {};
  std::string decoded(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size != static_cast<int>(decoded.size())) return {};
  decoded.resize(decoded.size() - padding);
  return decoded;
}

}  // namespace

std::optional<Credentials> parse_basic(std::string_view authorization) {
  constexpr std::string_view scheme = "Basic ";
  if (authorization.size() < scheme.size() ||
      ::strncasecmp(authorization.data(), scheme.data(), scheme.size()) != 0)
    return {};
  const auto text = decode_base64(authorization.substr(scheme.size()));
  if (!text) return {};
  const auto colon = text->find(':');
  if (colon == std::string::npos) return {};
  return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

}  // namespace weather::gateway
