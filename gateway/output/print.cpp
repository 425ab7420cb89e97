#include "gateway/output/print.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <ostream>
#include <streambuf>

#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

using sensors::LineEnds;
using sensors::printable;

bool printed = false;
std::string notes;

bool write(std::FILE* to, std::string_view text) {
  printed = printed || (to == stdout && !text.empty());
  return std::fwrite(text.data(), 1, text.size(), to) == text.size();
}

// How long a control sequence of ours at the start of `text` is; 0: there is
// none.
std::size_t own_sequence(std::string_view text) {
  for (const auto known : {screen::open.substr(0, 8), screen::open.substr(8), screen::close.substr(0, 6),
                           screen::close.substr(6), screen::home, screen::clear, screen::clear_line,
                           screen::clear_below, std::string_view("\r\n")})
    if (text.starts_with(known)) return known.size();
  if (!text.starts_with("\x1b[")) return 0;
  const auto end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

class EscapingBuffer final : public std::streambuf {
 public:
  explicit EscapingBuffer(std::FILE* to) : to_(to) {}
  void finish() {
    if (!line_.empty()) write(to_, printable(line_));
    line_.clear();
    std::fflush(to_);
  }

 private:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    if (traits_type::to_char_type(c) != '\n') {
      line_ += traits_type::to_char_type(c);
      return c;
    }
    const bool good = write(to_, printable(line_) + "\n");
    line_.clear();
    return good ? c : traits_type::eof();
  }
  int sync() override { return std::fflush(to_) == 0 ? 0 : -1; }

  std::FILE* to_;
  std::string line_;
};

}  // namespace

bool print_line(std::string_view line) {
  return write(stdout, printable(line) + "\n");
}

bool print_styled(std::string_view line) {
  return write(stdout, printable_screen(line) + "\n");
}

void print_text(std::string_view text) {
  write(stdout, printable(text, LineEnds::keep));
}

void print_prompt(std::string_view text) {
  print_text(text);
  flush_output();
}

void print_own(std::string_view text) {
  write(stdout, text);
}

bool print_json(std::string_view json) {
  while (json.ends_with('\n')) json.remove_suffix(1);
  return write(stdout, sensors::printable_json(json) + "\n");
}

bool flush_output() {
  return std::fflush(stdout) == 0;
}

bool anything_printed() {
  return printed;
}

const std::string& notes_so_far() {
  return notes;
}

void print_note(std::string_view line) {
  constexpr std::size_t most = 64 << 10;
  if (notes.size() < most) notes += (notes.empty() ? "" : "\n") + std::string(line);
  write(stderr, printable(line) + "\n");
}

std::string format(const char* form, ...) {
  std::va_list arguments, again;
  va_start(arguments, form);
  va_copy(again, arguments);
  const int size = std::vsnprintf(nullptr, 0, form, arguments);
  va_end(arguments);
  std::string text(static_cast<std::size_t>(size < 0 ? 0 : size) + 1, '\0');
  std::vsnprintf(text.data(), text.size(), form, again);
  va_end(again);
  text.pop_back();
  return text;
}

struct PrintedStream::Impl {
  explicit Impl(std::FILE* to) : buffer(to), stream(&buffer) {}
  EscapingBuffer buffer;
  std::ostream stream;
};

PrintedStream::PrintedStream(To to) : impl_(std::make_unique<Impl>(to == To::output ? stdout : stderr)) {}

PrintedStream::~PrintedStream() {
  impl_->buffer.finish();
}

std::ostream& PrintedStream::stream() {
  return impl_->stream;
}

std::string printable_screen(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (const auto length = own_sequence(text); length != 0) {
      out += text.substr(0, length);
      text.remove_prefix(length);
      continue;
    }
    const auto next = std::min(text.find_first_of("\x1b\r", 1), text.size());
    out += printable(text.substr(0, next));
    text.remove_prefix(next);
  }
  return out;
}

void print_screen(std::string_view text) {
  write(stdout, printable_screen(text));
  std::fflush(stdout);
}

void print_progress(std::string_view text) {
  write(stderr, "\r" + printable(text) + std::string(screen::clear_line));
}

}  // namespace weather::gateway
