// The one way of this program to its standard output and standard error, the
// journal aside (output/say.hpp, which goes through the same escapes). Whatever is
// in a text, a terminal shows it and does not obey it, and a line stays a line:
// control characters, marks of direction and bytes that are no UTF-8 come out
// as escapes. One thread at a time. tests/tidy/test_output.py keeps everything
// else from writing there.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace weather::gateway {

// A line for people; one line end is added, those inside are escaped. False:
// the reader is gone.
bool print_line(std::string_view line);
// The same with our own colours in it (style.hpp); what is foreign has been through printable().
bool print_styled(std::string_view line);
// Lines of our own making, a report say: their ends stay.
void print_text(std::string_view text);
// A question, whose line goes on with the answer; is seen at once.
void print_prompt(std::string_view text);
// Text of this program itself, nothing foreign in it: a manual, a script for a
// shell. As it is.
void print_own(std::string_view text);
// One JSON document with escapes as JSON has them; one line end is added if
// there is none.
bool print_json(std::string_view json);
// What was printed is seen now. False: the reader is gone.
bool flush_output();
// A line on standard error.
void print_note(std::string_view line);
// Whether anything went to standard output; all notes so far, as they were given.
bool anything_printed();
const std::string& notes_so_far();

// "%-8s %s" as in printf(3), for print_line and the like. NUL inside a text
// ends its %s: pass foreign text through printable() before.
[[gnu::format(printf, 1, 2)]] std::string format(const char* form, ...);

// Writes lines to standard output or error as print_line does; a line that is
// not ended is written with the stream's end.
class PrintedStream {
 public:
  enum class To : bool { output, error };
  explicit PrintedStream(To to);
  ~PrintedStream();
  PrintedStream(const PrintedStream&) = delete;
  PrintedStream& operator=(const PrintedStream&) = delete;
  std::ostream& stream();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// ---- A terminal: its own control sequences, those of colour (SGR) and of
// screens, stay; all else is escaped.
namespace screen {
inline constexpr std::string_view open = "\x1b[?1049h\x1b[?25l", close = "\x1b[?25h\x1b[?1049l",
                                  home = "\x1b[H", clear = "\x1b[2J", clear_line = "\x1b[K",
                                  clear_below = "\x1b[J";
}  // namespace screen
std::string printable_screen(std::string_view text);  // "\r\n" stays too. Pure
void print_screen(std::string_view text);             // and is seen at once
// In place of the line before, on standard error.
void print_progress(std::string_view text);

}  // namespace weather::gateway
