#include "gateway/init/ask.hpp"

#include <istream>

#include <termios.h>
#include <unistd.h>

namespace weather::gateway {
namespace {

// Nothing typed is shown as long as it lives. Of a terminal only.
class Unseen {
 public:
  Unseen() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    terminal_ = true;
    auto unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
  }
  ~Unseen() {
    if (terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  bool terminal() const { return terminal_; }

 private:
  termios before_{};
  bool terminal_ = false;
};

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::string Asker::line() {
  std::string text;
  if (!std::getline(in_, text)) ended_ = true;
  return text;
}

std::string Asker::text(const std::string& question, const std::string& usual) {
  if (assume_) return usual;
  say_(question + (usual.empty() ? "" : " [" + usual + "]") + ": ");
  const auto answer = trimmed(line());
  return answer.empty() ? usual : answer;
}

bool Asker::yes(const std::string& question, bool usual) {
  if (assume_) return usual;
  for (;;) {
    say_(question + (usual ? " [Y/n] " : " [y/N] "));
    const auto answer = trimmed(line());
    if (ended_) return false;
    if (answer.empty()) return usual;
    if (answer == "y" || answer == "Y" || answer == "yes") return true;
    if (answer == "n" || answer == "N" || answer == "no") return false;
    say_("y or n, please.\n");
  }
}

std::string Asker::secret(const std::string& question) {
  if (assume_) return {};
  const Unseen unseen;  // before the question: a fast answer is not seen either
  say_(question + ": ");
  auto answer = line();
  if (unseen.terminal()) say_("\n");
  return answer;
}

std::string Asker::lines(const std::string& question) {
  if (assume_) return {};
  say_(question + "\n");
  std::string all;
  for (;;) {
    const auto next = line();
    if (ended_ || trimmed(next).empty()) break;
    all += next + "\n";
  }
  if (!all.empty()) ended_ = false;  // a paste may end with the input; the next question finds out
  return all;
}

}  // namespace weather::gateway
