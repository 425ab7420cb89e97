// Lines for people: to the journal with its level prefixes, to a terminal in colour, to a file with the time.
// Thread-safe. One line per change of state, never one per retry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weather::gateway {

enum class Level { debug, info, warning, error };

// Once, at the start. Where stderr is the journal (JOURNAL_STREAM) lines carry sd-daemon(3) prefixes.
void init_say(Level least);
bool says(Level level);  // whether such a line would be seen. Any thread
void set_say_level(Level least);
Level level_from(std::string_view name);  // "debug", "info", "warning"; else error
void say(Level level, std::string_view text);

struct Said {
  std::int64_t time_ns = 0;  // wall clock
  Level level = Level::info;
  std::string text;
};
// The last twenty lines of info and above, oldest first.
std::vector<Said> last_said();
std::string_view level_name(Level level);

}  // namespace weather::gateway
