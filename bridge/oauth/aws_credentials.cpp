#include "bridge/oauth/aws_credentials.hpp"

#include <algorithm>
#include <ctime>

#include <boost/json.hpp>

namespace weather::oauth {
namespace {

std::string_view stripped(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

// "2026-11-30T12:00:05Z", "...+00:00", with or without a fraction; another offset is taken off.
std::optional<std::int64_t> read_time(const std::string& text) {
  std::tm time{};
  const char* at = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (at == nullptr) return std::nullopt;
  if (*at == '.')
    for (++at; *at >= '0' && *at <= '9';) ++at;
  const auto seconds = ::timegm(&time);
  if (*at == 'Z' && at[1] == '\0') return seconds;
  std::tm offset{};
  const char* end = *at == '+' || *at == '-' ? ::strptime(at + 1, "%H:%M", &offset) : nullptr;
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto east_s = offset.tm_hour * 3600 + offset.tm_min * 60;
  return seconds - (*at == '+' ? east_s : -east_s);
}

}  // namespace

Profiles read_profiles(std::string_view text) {
  Profiles out;
  std::string section;
  bool inside = false;
  while (!text.empty()) {
    const auto whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    const auto line = stripped(whole);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      auto name = stripped(line.substr(1, line.find(']') - 1));
      if (name.starts_with("profile ")) name = stripped(name.substr(8));
      if (name.size() > 1 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front())
        name = name.substr(1, name.size() - 2);
      section = std::string(name);
      inside = true;
      out[section];
      continue;
    }
    const auto equals = line.find('=');
    // A line that is set in belongs to the one before it: "s3 =" and what is below.
    if (!inside || equals == std::string_view::npos || whole.front() == ' ' || whole.front() == '\t')
      continue;
    std::string name(stripped(line.substr(0, equals)));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    out[section][name] = std::string(stripped(line.substr(equals + 1)));
  }
  return out;
}

tl::expected<ProcessKeys, std::string> read_process_output(std::string_view text) {
  boost::system::error_code error;
  const auto document = boost::json::parse(text, error);
  const auto* object = error ? nullptr : document.if_object();
  if (!object) return tl::unexpected(std::string("prints no JSON object"));
  const auto text_of = [&](std::string_view name) {
    const auto* found = object->if_contains(name);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
  };
  const auto* version = object->if_contains("Version");
  if (!version || !version->is_int64() || version->get_int64() != 1)
    return tl::unexpected(std::string("prints no \"Version\": 1"));
  ProcessKeys out;
  out.keys = {text_of("AccessKeyId"), text_of("SecretAccessKey"), text_of("SessionToken")};
  if (out.keys.access_key_id.empty() || out.keys.secret_access_key.empty())
    return tl::unexpected(std::string("prints no AccessKeyId or no SecretAccessKey"));
  if (const auto expiration = text_of("Expiration"); !expiration.empty()) {
    out.expires_s = read_time(expiration);
    if (!out.expires_s) return tl::unexpected(std::string("prints an Expiration that is no ISO 8601 time"));
  }
  return out;
}

std::vector<std::string> split_command(std::string_view line) {
  std::vector<std::string> out;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == '\0' && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!std::exchange(in_word, true)) out.emplace_back();
    const bool escapes =
        quote == '\0' || (quote == '"' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\'));
    if (c == '\\' && escapes && i + 1 < line.size())
      out.back() += line[++i];
    else if (quote != '\0' ? c == quote : c == '"' || c == '\'')
      quote = quote != '\0' ? '\0' : c;
    else
      out.back() += c;
  }
  if (quote != '\0') out.clear();
  return out;
}

}  // namespace weather::oauth
