// Questions to the person who sets a gateway up, a line each. One thread.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace weather::gateway {

class Asker {
 public:
  // assume: no question is asked, every answer is the one in brackets. say: prints a prompt, without a line
  // end.
  Asker(bool assume, std::istream& in, std::function<void(std::string_view)> say)
      : assume_(assume), in_(in), say_(std::move(say)) {}

  // "Topic [topic_weather]: "; an empty answer is the usual one. After the end of the input too.
  std::string text(const std::string& question, const std::string& usual);
  bool yes(const std::string& question, bool usual);
  // Not shown while it is typed, if the input is a terminal. Empty if no question is asked.
  std::string secret(const std::string& question);
  // Lines up to an empty one, or the end.
  std::string lines(const std::string& question);

  bool assumes() const { return assume_; }
  bool ended() const { return ended_; }  // the input did: nothing more may be decided

 private:
  std::string line();

  const bool assume_;
  std::istream& in_;
  const std::function<void(std::string_view)> say_;
  bool ended_ = false;
};

}  // namespace weather::gateway
