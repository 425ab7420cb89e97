// What a device of the local network answers to a GET, read piece by piece within bounds (RFC 9112). Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weather::sensors {

struct HttpAnswer {
  unsigned status = 0;
  std::string body, location;  // location: where a redirection points
};

class HttpAnswerReader {
 public:
  explicit HttpAnswerReader(std::size_t most_body_bytes);
  HttpAnswerReader(HttpAnswerReader&&) noexcept;
  HttpAnswerReader& operator=(HttpAnswerReader&&) noexcept;
  ~HttpAnswerReader();

  // True: the answer is whole, and take() has it. False: more must come. The error says what is wrong with
  // it, and nothing may follow.
  tl::expected<bool, std::string> feed(std::string_view bytes);
  // The other side has closed the connection: whole only if that is how its length is given.
  tl::expected<bool, std::string> end();
  HttpAnswer take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::sensors
