#include "gateway/simulate/settings.hpp"

#include <charconv>

#include "gateway/config/values.hpp"

namespace weather::gateway {

tl::expected<std::chrono::milliseconds, std::string> parse_rate(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return tl::unexpected("\"" + std::string(text) + "\" is not a rate such as 1/10s" + why);
  };
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return refuse("");
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + slash, count);
  if (error != std::errc{} || end != text.data() + slash || count == 0) return refuse("");
  const auto per = parse_duration(std::string(text.substr(slash + 1)));
  if (!per) return refuse(": " + per.error());
  const auto interval = *per / static_cast<std::int64_t>(count);
  if (interval < std::chrono::milliseconds(1)) return refuse(": more than 1000 a second of one sensor");
  return interval;
}

tl::expected<Outage, std::string> parse_outage(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos)
    return tl::unexpected("\"" + std::string(text) + "\" is not an outage such as 20s@30s");
  const auto lasts = parse_duration(std::string(text.substr(0, at)));
  const auto begins = parse_duration(std::string(text.substr(at + 1)));
  if (!lasts) return tl::unexpected(lasts.error());
  if (!begins) return tl::unexpected(begins.error());
  return Outage{*lasts, *begins};
}

}  // namespace weather::gateway
