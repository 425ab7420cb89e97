// How the body of a request is framed, by the headers that say so: one rule for the HTTP doors and the page.
// Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace weather::sensors {

struct FramingHeaders {
  std::string_view transfer_encoding = {}, trailer = {}, expect = {};
};
struct FramingFault {
  unsigned status = 0;
  std::string_view error, detail;
};

// Nothing: go on. Codings other than a plain "chunked" would be read as if they were not there (501), and a
// trailer not at all (400); letter case does not matter.
std::optional<FramingFault> framing_fault(const FramingHeaders& headers);
// Does the client wait for "100 Continue" before it sends the body?
bool waits_for_continue(std::string_view expect);

}  // namespace weather::sensors
