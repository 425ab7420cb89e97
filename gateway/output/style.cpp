#include "gateway/output/style.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <unistd.h>

#include "gateway/output/columns.hpp"

namespace weather::gateway {

std::string paint(Tone tone, std::string_view text, bool colour) {
  constexpr std::array codes{"", "32", "33", "31", "2", "1", "7"};
  if (!colour || tone == Tone::plain) return std::string(text);
  return "\x1b[" + std::string(codes[static_cast<std::size_t>(tone)]) + "m" + std::string(text) + "\x1b[0m";
}

Tone tone_of(std::string_view state) {
  constexpr std::array<std::string_view, 3> good{"ok", "online", "good"};
  constexpr std::array<std::string_view, 8> warning{"late",   "warning", "catching_up", "offline",
                                                    "paused", "holding", "doubtful",    "note"};
  const auto among = [state](const auto& words) {
    return std::find(words.begin(), words.end(), state) != words.end();
  };
  return among(good) ? Tone::good : among(warning) ? Tone::warning : Tone::bad;
}

StyledLine& StyledLine::add(std::string_view text, Tone tone) {
  const auto shown = cut(text, left_);
  if (shown.empty()) return *this;
  line_ += paint(tone, shown, colour_);
  left_ -= columns_of(shown);
  return *this;
}

bool colour_allowed(bool terminal, const char* no_color, const char* term) {
  if (!terminal || (no_color != nullptr && *no_color != '\0')) return false;
  return term == nullptr || std::string_view(term) != "dumb";
}

bool colour_wanted() {
  return colour_allowed(::isatty(STDOUT_FILENO) != 0, std::getenv("NO_COLOR"), std::getenv("TERM"));
}

}  // namespace weather::gateway
