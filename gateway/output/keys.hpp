// Bytes of a terminal's keyboard into keys. Pure; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weather::gateway {

enum class KeyName : std::uint8_t {
  text,  // a character
  enter,
  backspace,
  escape,
  interrupt,  // Ctrl+C
  up,
  down,
  left,
  right,
  page_up,
  page_down,
  home,
  end,
  other,  // a key without a meaning here
};

struct Key {
  KeyName name = KeyName::other;
  std::string text;  // of KeyName::text: one character, UTF-8
  friend bool operator==(const Key&, const Key&) = default;
};

// xterm's sequences, which the terminals of Linux, tmux and screen send too.
class KeyDecoder {
 public:
  // A key that this byte completes.
  std::optional<Key> take(char byte);
  // An escape was begun: it is the Esc key if nothing follows soon.
  bool pending() const { return !begun_.empty(); }
  // Nothing followed.
  std::optional<Key> flush();

 private:
  std::optional<Key> sequence();
  std::string begun_;
};

}  // namespace weather::gateway
