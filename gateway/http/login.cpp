#include "gateway/http/login.hpp"

#include <algorithm>

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

std::chrono::seconds LoginLimiter::attempt(const std::string& address, Clock::time_point now) {
  auto found = addresses_.find(address);
  if (found != addresses_.end() && now - found->second.last >= forgotten_after) {
    addresses_.erase(found);
    found = addresses_.end();
  }
  if (found == addresses_.end()) {
    make_room(now);
    found = addresses_.emplace(address, Tries{}).first;
  }
  auto& tries = found->second;
  if (now < tries.not_before) return std::chrono::ceil<std::chrono::seconds>(tries.not_before - now);
  tries.last = now;
  if (++tries.count >= free_tries) {
    const auto doublings = std::min(tries.count - free_tries + 1, 6U);
    tries.not_before =
        now + std::min<std::chrono::seconds>(std::chrono::seconds(1U << doublings), longest_wait);
  }
  return std::chrono::seconds(0);
}

// A flood of addresses costs no memory: the one that tried longest ago is forgotten.
void LoginLimiter::make_room(Clock::time_point now) {
  if (addresses_.size() < most_addresses) return;
  std::erase_if(addresses_, [&](const auto& entry) { return now - entry.second.last >= forgotten_after; });
  if (addresses_.size() < most_addresses) return;
  addresses_.erase(std::min_element(addresses_.begin(), addresses_.end(), [](const auto& a, const auto& b) {
    return a.second.last < b.second.last;
  }));
}

}  // namespace weather::gateway
