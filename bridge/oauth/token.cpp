#include "bridge/oauth/token.hpp"

#include "bridge/options/duration_text.hpp"

namespace weather::oauth {

std::string in_words(std::chrono::seconds time) {
  return bridge::rough_duration(time);
}

}  // namespace weather::oauth
