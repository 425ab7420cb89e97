// What a connection answers, and how its parts are put together. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <boost/beast/core/string_type.hpp>

#include "sensors/reading/json_text.hpp"

namespace weather::sensors {

struct HttpAnswer {
  unsigned status = 200;
  std::string body = {}, type = "text/plain";
  std::string header = {}, header_value = {};  // one more, such as Retry-After
  bool close = false;
  std::string error = {}, why = {};  // what was missing, for the journal
};

inline std::string_view head_text(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

inline HttpAnswer problem(unsigned status, std::string_view error, std::string_view detail) {
  HttpAnswer answer{.status = status, .type = "application/json"};
  JsonMembers members;
  members.add("error", error);
  members.add("detail", detail);
  answer.error = error;
  answer.why = detail;
  answer.body = members.take() + '\n';
  return answer;
}

inline HttpAnswer with_header(HttpAnswer answer, std::string name, std::string value) {
  answer.header = std::move(name);
  answer.header_value = std::move(value);
  return answer;
}

inline HttpAnswer not_stored(std::string_view why, std::string seconds = "30") {
  return with_header(problem(503, "not_stored", why), "Retry-After", std::move(seconds));
}

}  // namespace weather::sensors
