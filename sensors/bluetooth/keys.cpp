#include "sensors/bluetooth/keys.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace weather::sensors::bluetooth {
namespace {

bool read_key(std::string_view digits, Key& key) {
  if (digits.size() != 2 * key.size()) return false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto* const begin = digits.data() + 2 * i;
    const auto read = std::from_chars(begin, begin + 2, key[i], 16);
    if (read.ec != std::errc() || read.ptr != begin + 2) return false;
  }
  return true;
}

}  // namespace

tl::expected<Keys, std::string> parse_keys(std::string_view text) {
  Keys keys;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address_word, key_word, more;
    if (!(words >> address_word)) continue;
    const auto wrong = [number](const char* what) {
      return tl::unexpected("line " + std::to_string(number) + " " + what);
    };
    const auto address = parse_address(address_word);
    if (!address) return wrong("does not begin with an address such as A4:C1:38:00:00:01");
    Key key{};
    if (!(words >> key_word) || !read_key(key_word, key) || (words >> more))
      return wrong("needs a key of 32 hexadecimal digits behind the address, and nothing else");
    if (!keys.emplace(*address, key).second) return wrong("has an address that has a key already");
  }
  return keys;
}

}  // namespace weather::sensors::bluetooth
