#include "gateway/card/people.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace weather::gateway {
namespace {

constexpr std::size_t longest_label = 63;

bool is_base64(std::string_view text) {
  return text.size() >= 60 && std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '=';
         });
}

// "[options] TYPE BASE64 [comment]", as sshd(8) has it; an option may have blanks between quotes.
bool is_key(const std::string& line) {
  constexpr std::array types{"ssh-rsa",
                             "ssh-ed25519",
                             "ssh-dss",
                             "ecdsa-sha2-nistp256",
                             "ecdsa-sha2-nistp384",
                             "ecdsa-sha2-nistp521",
                             "sk-ssh-ed25519@openssh.com",
                             "sk-ecdsa-sha2-nistp256@openssh.com"};
  std::vector<std::string> words;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    const bool blank = (c == ' ' || c == '\t') && !quoted;
    if (words.empty() || (blank && !words.back().empty())) words.emplace_back();
    if (!blank) words.back() += c;
  }
  for (std::size_t i = 0; i < 2 && i + 1 < words.size(); ++i)
    if (std::find(types.begin(), types.end(), words[i]) != types.end()) return is_base64(words[i + 1]);
  return false;
}

}  // namespace

tl::expected<std::string, std::string> host_name_from(std::string_view text) {
  std::string name;
  for (const char c : text) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool letters = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (name.empty() || name.size() > longest_label || !letters || name.front() == '-' || name.back() == '-')
    return tl::unexpected("\"" + std::string(text) +
                          "\" is no name of a machine: it has 1 to 63 letters of a to z, digits and '-', "
                          "none of these at its ends");
  return name;
}

tl::expected<std::string, CardFault> read_host_name(std::string_view text) {
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    ++number;
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos || line[begin] == '#') continue;
    auto name = host_name_from(line.substr(begin));
    if (!name) return tl::unexpected(CardFault{{}, number, name.error()});
    return *name;
  }
  return tl::unexpected(CardFault{{}, 0, "is empty: write the name of this machine, or remove the file"});
}

AuthorizedKeys read_authorized_keys(std::string_view text) {
  AuthorizedKeys keys;
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    ++number;
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos || line[begin] == '#') continue;
    if (line.find("PRIVATE KEY") != std::string::npos) {
      keys.faults.push_back({{},
                             number,
                             "this is a private key: remove it from the card, and write the line of the file "
                             "that ends with .pub"});
      return keys;
    }
    if (is_key(line.substr(begin)))
      keys.text += line.substr(begin) + "\n";
    else
      keys.faults.push_back(
          {{},
           number,
           "is no public key of SSH and is left out: it is one line, \"ssh-ed25519 AAAA... name\""});
  }
  return keys;
}

}  // namespace weather::gateway
