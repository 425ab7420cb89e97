#include "sensors/csv/csv_line.hpp"

#include <utility>

namespace weather::sensors {
namespace {

using Cells = tl::expected<std::vector<std::string>, std::string>;

class Splitter {
 public:
  Splitter(std::string_view line, char delimiter) : line_(line), delimiter_(delimiter) {}

  Cells split() {
    std::vector<std::string> cells;
    skip_blanks();
    if (delimiter_ == ' ' && at_end()) return cells;
    while (true) {
      auto cell = next() == '"' ? quoted() : plain();
      if (!cell) return tl::unexpected(std::move(cell.error()));
      cells.push_back(std::move(*cell));
      skip_blanks();
      if (at_end()) return cells;
      if (delimiter_ != ' ') {
        ++at_;
        skip_blanks();
      }
    }
  }

 private:
  bool at_end() const { return at_ == line_.size(); }
  char next() const { return at_end() ? '\0' : line_[at_]; }
  bool is_blank(char c) const {
    return (c == ' ' || c == '\t' || c == '\r') && (c != delimiter_ || delimiter_ == ' ');
  }
  bool ends_cell(char c) const { return c == delimiter_ || (delimiter_ == ' ' && is_blank(c)); }
  void skip_blanks() {
    while (!at_end() && is_blank(line_[at_])) ++at_;
  }

  tl::expected<std::string, std::string> plain() {
    const auto from = at_;
    while (!at_end() && !ends_cell(line_[at_])) ++at_;
    auto to = at_;
    while (to > from && is_blank(line_[to - 1])) --to;
    return std::string(line_.substr(from, to - from));
  }

  tl::expected<std::string, std::string> quoted() {
    const auto from = at_++;
    std::string text;
    while (true) {
      if (at_end()) return tl::unexpected("the quote at byte " + std::to_string(from) + " is not closed");
      const char c = line_[at_++];
      if (c != '"') {
        text += c;
      } else if (next() == '"') {
        text += line_[at_++];
      } else {
        break;
      }
    }
    skip_blanks();
    if (at_end() || ends_cell(line_[at_]) || (delimiter_ == ' ' && is_blank(line_[at_ - 1]))) return text;
    return tl::unexpected("text at byte " + std::to_string(at_) + ", behind a closed quote");
  }

  const std::string_view line_;
  const char delimiter_;
  std::size_t at_ = 0;
};

}  // namespace

Cells split_csv(std::string_view line, char delimiter) {
  return Splitter(line, delimiter).split();
}

}  // namespace weather::sensors
