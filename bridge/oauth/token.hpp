// A token, and what is reported of it. Plain.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace weather::oauth {

struct Token {
  std::string value;
  std::chrono::seconds life{0};  // from when it was obtained
  std::string about;             // what it says of itself: "audience kafka, subject pi-7"; may be empty
  std::string note;              // what is odd about it, and no reason not to use it; empty: nothing
};

// "6 days", "3 h", "45 s".
std::string in_words(std::chrono::seconds time);

}  // namespace weather::oauth
