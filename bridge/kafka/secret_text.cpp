// shown() and without_secrets(): secrets by what a text looks like, not by the name it stands under.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "bridge/kafka/secrets.hpp"
#include "sensors/reading/secret_name.hpp"

namespace weather::bridge {
namespace {

constexpr auto npos = std::string::npos;
constexpr std::string_view blanks = " \t\r\n\f\v";
constexpr std::string_view word_ends = " \t\r\n\f\v\"'`,;()[]{}";

bool is_white(char c) {
  return blanks.find(c) != npos;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
bool is_name(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

std::size_t end_of_word(std::string_view text, std::size_t at, std::string_view ends = word_ends) {
  return std::min(text.find_first_of(ends, at), text.size());
}

// Replaces [from, to) and returns where the text goes on.
std::size_t hide(std::string& text, std::size_t from, std::size_t to) {
  if (from >= to) return to;
  text.replace(from, to - from, redacted_text);
  return from + redacted_text.size();
}

// From "-----BEGIN" to the last "-----END ...-----"; without one, all the rest.
void hide_pem(std::string& text) {
  const auto begin = text.find("-----BEGIN");
  if (begin == npos) return;
  constexpr std::string_view end_mark = "-----END", dashes = "-----";
  const auto end = text.rfind(end_mark);
  const auto close = end == npos || end < begin ? npos : text.find(dashes, end + end_mark.size());
  hide(text, begin, close == npos ? text.size() : close + dashes.size());
}

std::size_t after_scheme(std::string_view text, std::size_t from, std::size_t to) {
  const auto scheme = text.substr(from, to - from).find("://");
  return scheme == npos ? from : from + scheme + 3;
}

// Whatever stands before the last '@', from where the value begins: a password may hold blanks, quotes and
// slashes.
void hide_before_at(std::string& text) {
  const auto at = text.rfind('@');
  if (at == npos) return;
  auto from = std::min(text.find('"'), text.size());
  if (from < at) {
    ++from;
  } else {
    const auto blank = text.find_last_of(blanks, at);
    from = blank == npos ? 0 : blank + 1;
  }
  hide(text, after_scheme(text, from, at), at);
}

// In a sentence: a word with a colon before its '@', or with one in the authority of a URL.
void hide_user_info(std::string& text) {
  for (std::size_t begin = 0; begin < text.size();) {
    if (is_white(text[begin])) {
      ++begin;
      continue;
    }
    auto end = end_of_word(text, begin, blanks);
    const auto at = text.substr(0, end).rfind('@');
    if (at != npos && at > begin) {
      auto from = text.find_first_not_of("\"'`(<[{", begin);
      const auto authority = after_scheme(text, from, at);
      const auto colon = text.find(':', authority);
      const auto slash = text.find_first_of("/?#", authority);
      if (colon < at || (authority != from && slash > at)) {
        const auto shift = text.size();
        hide(text, authority, at);
        end = end + text.size() - shift;
      }
    }
    begin = end;
  }
}

bool is_plain_segment(std::string_view segment) {
  constexpr std::size_t longest = 12, most_digits = 2;
  return segment.size() <= longest &&
         std::all_of(segment.begin(), segment.end(),
                     [](char c) { return is_name(c) || c == '{' || c == '}'; }) &&
         static_cast<std::size_t>(std::count_if(segment.begin(), segment.end(), is_digit)) <= most_digits;
}

// ":port" of an authority that is no number: the host was left out.
void hide_port(std::string& text, std::size_t authority, std::size_t& end) {
  const auto part = std::string_view(text).substr(authority, end - authority);
  const auto colon = part.rfind(':');
  if (colon == npos || (part.rfind(']') != npos && part.rfind(']') > colon)) return;
  const auto port = part.substr(colon + 1);
  if (!std::all_of(port.begin(), port.end(), is_digit)) end = hide(text, authority + colon + 1, end);
}

// a=b&c=d from `at`: the values, and parts without a name.
void hide_query(std::string& text, std::size_t at, std::size_t end) {
  while (at < end) {
    const auto part_end = std::min(text.find('&', at), end);
    const auto equals = text.find('=', at);
    const auto from = equals < part_end ? equals + 1 : at;
    const auto before = text.size();
    hide(text, from, part_end);
    end = end + text.size() - before;
    at = part_end + text.size() - before + 1;
  }
}

void hide_in_path(std::string& text, std::size_t from, std::size_t& end) {
  while (from < end) {
    const auto slash = std::min(text.find('/', from), end);
    if (slash > from && !is_plain_segment(std::string_view(text).substr(from, slash - from))) {
      const auto before = text.size();
      hide(text, from, slash);
      end = end + text.size() - before;
      from = slash + text.size() - before + 1;
    } else {
      from = slash + 1;
    }
  }
}

void hide_in_urls(std::string& text, bool paths) {
  for (auto at = text.find("://"); at != npos; at = text.find("://", at)) {
    const auto authority = at += 3;
    auto end = end_of_word(text, authority, " \t\r\n\f\v\"'`,;()");
    while (end > authority && std::string_view(".:!").find(text[end - 1]) != npos) --end;
    const auto fragment = std::min(text.find('#', authority), end);
    if (fragment + 1 < end) hide(text, fragment + 1, end);
    const auto query = std::min(text.find('?', authority), fragment);
    if (query < fragment) hide_query(text, query + 1, fragment);
    auto path = std::min(text.find('/', authority), query);
    if (paths && path < query) {
      auto path_end = query;
      hide_in_path(text, path + 1, path_end);
    }
    hide_port(text, authority, path);
  }
}

// "?name=value&..." without a scheme.
void hide_bare_queries(std::string& text) {
  for (auto at = text.find('?'); at != npos; at = text.find('?', at + 1)) {
    const auto end = end_of_word(text, at);
    const auto equals = text.find('=', at);
    if (equals < end && equals > at + 1) hide_query(text, at + 1, end);
  }
}

// name=value, name = "value" where the name speaks of a secret.
void hide_named(std::string& text) {
  for (auto equals = text.find('='); equals != npos; equals = text.find('=', equals + 1)) {
    auto last = equals;
    while (last > 0 && (is_white(text[last - 1]) || text[last - 1] == '"')) --last;
    auto first = last;
    while (first > 0 && is_name(text[first - 1])) --first;
    if (first == last || !sensors::sounds_secret(std::string_view(text).substr(first, last - first)))
      continue;
    auto from = text.find_first_not_of(blanks, equals + 1);
    if (from == npos) return;
    const char quote = text[from];
    auto to = end_of_word(text, from, " \t\r\n\f\v,;&");
    if (quote == '"' || quote == '\'') {
      ++from;
      to = std::min(text.find(quote, from), text.size());
    }
    equals = std::max(equals, hide(text, from, to) - 1);
  }
}

void hide_authorization(std::string& text) {
  for (const std::string_view scheme : {"Bearer ", "Basic "})
    for (auto at = text.find(scheme); at != npos; at = text.find(scheme, at + 1)) {
      const auto from = at + scheme.size();
      const auto to = end_of_word(text, from, " \t\r\n\f\v\"'");
      if (scheme.front() == 'B' && to - from >= 6) hide(text, from, to);
    }
}

bool is_web_token(std::string_view word) {
  return word.size() > 20 && word.starts_with("eyJ") && word.find('.') != npos;
}

// Letters and digits in turns, as no word has them: keys in base 64, 32 and 16, UUIDs.
bool is_random(std::string_view word) {
  constexpr std::size_t shortest = 20;
  std::size_t letters = 0, turns = 0, digits = 0;
  const auto kind = [](char c) {
    return is_digit(c) ? 1 : c >= 'a' && c <= 'z' ? 2 : c >= 'A' && c <= 'Z' ? 3 : 0;
  };
  const auto judge = [&] { return letters >= shortest && digits > 0 && turns * 4 >= letters; };
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (kind(c) == 0 && c != '-' && c != '_' && c != '+' && c != '=') {
      if (judge()) return true;
      letters = turns = digits = 0;
      continue;
    }
    letters += kind(c) != 0 ? 1 : 0;
    digits += is_digit(c) ? 1 : 0;
    turns += i > 0 && kind(c) != 0 && kind(word[i - 1]) != 0 && kind(c) != kind(word[i - 1]) ? 1 : 0;
  }
  return judge();
}

// A hash as crypt(5) writes it.
bool is_hash(std::string_view word) {
  return word.size() > 8 && word.front() == '$' && word.find('$', 1) < 5;
}

template <class Is>
void hide_words(std::string& text, std::string_view ends, Is is) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = end_of_word(text, begin, ends);
    begin = (end > begin && is(std::string_view(text).substr(begin, end - begin)) ? hide(text, begin, end)
                                                                                  : end) +
            1;
  }
}

}  // namespace

std::string without_secrets(std::string_view said) {
  std::string text(said);
  hide_pem(text);
  hide_user_info(text);
  hide_in_urls(text, false);
  hide_named(text);
  hide_authorization(text);
  hide_words(text, word_ends, is_web_token);
  return text;
}

std::string shown(std::string_view said) {
  std::string text(said);
  hide_pem(text);
  hide_before_at(text);
  hide_in_urls(text, true);
  hide_bare_queries(text);
  hide_named(text);
  hide_authorization(text);
  const auto is_key = [](std::string_view word) {
    return is_web_token(word) || is_random(word) || is_hash(word);
  };
  // Of a path only the part; else the whole word, since base 64 has slashes of its own.
  constexpr std::string_view path_ends = " \t\r\n\f\v\"'`,;()[]{}/:<>";
  if (text.find("://") == npos && text.find("/") != 0 && text.find("\"/") == npos && text.find(" /") == npos)
    hide_words(text, word_ends, is_key);
  hide_words(text, path_ends, is_key);
  return text;
}

}  // namespace weather::bridge
