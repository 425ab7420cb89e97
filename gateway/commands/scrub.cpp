#include "gateway/commands/scrub.hpp"

#include <algorithm>
#include <vector>

namespace weather::gateway {

std::string scrub(std::string text, const Secrets& secrets) {
  constexpr std::string_view hidden = "<redacted>";
  std::vector<std::string_view> longest_first;
  for (const auto& secret : secrets)
    if (secret.size() >= 3) longest_first.push_back(secret);
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
  for (const auto secret : longest_first)
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + hidden.size()))
      text.replace(at, secret.size(), hidden);
  return text;
}

void add_jaas_secrets(std::string_view jaas, Secrets& secrets) {
  for (const std::string_view name : {"password=\"", "clientSecret=\"", "password='"}) {
    for (auto at = jaas.find(name); at != std::string_view::npos; at = jaas.find(name, at + 1)) {
      const auto begin = at + name.size(), end = jaas.find(name.back(), begin);
      if (end != std::string_view::npos) secrets.emplace(jaas.substr(begin, end - begin));
    }
  }
}

}  // namespace weather::gateway
