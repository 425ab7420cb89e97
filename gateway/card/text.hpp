// Text files of the card's FAT partition as people's editors leave them: UTF-8 or UTF-16, with or without a
// byte order mark, lines that end with CR LF, blanks at their ends. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace weather::gateway {

// What is wrong with a file of the card, and what to do. line 0: the file as a whole.
struct CardFault {
  std::string file;
  std::size_t line = 0;
  std::string text;
  friend bool operator==(const CardFault&, const CardFault&) = default;
};
std::string to_string(const CardFault& fault);  // "network.toml:7: ssid: ..."

enum class Encoding : std::uint8_t { utf8, utf16_little, utf16_big };

struct CardText {
  std::string text;  // UTF-8, line ends as they are
  Encoding encoding = Encoding::utf8;
  bool marked = false;  // begins with a byte order mark
};

// The fault's file is empty: the caller knows it.
tl::expected<CardText, CardFault> decode(std::string_view bytes);
// The bytes that decode() has read: of the same length, as long as only ASCII was replaced by as much ASCII.
std::string encode(const CardText& text);

// LF alone at the ends of lines, and one at the end; no blanks before it.
std::string tidy(std::string_view text);
// The lines of a tidy text.
std::vector<std::string> lines_of(std::string_view tidy_text);

}  // namespace weather::gateway
