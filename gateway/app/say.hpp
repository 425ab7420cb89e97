// Lines for people: to the journal with its level prefixes, to a terminal in colour, to a file with the time.
// Thread-safe. One line per change of state, never one per retry.
#pragma once

#include <string_view>

namespace weather::gateway {

enum class Level { debug, info, warning, error };

// Once, at the start. Where stderr is the journal (JOURNAL_STREAM) lines carry sd-daemon(3) prefixes.
void init_say(Level least);
void say(Level level, std::string_view text);

}  // namespace weather::gateway
