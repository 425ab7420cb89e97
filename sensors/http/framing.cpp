#include "sensors/http/framing.hpp"

#include <boost/beast/core/string.hpp>

namespace weather::sensors {

bool waits_for_continue(std::string_view expect) {
  return boost::beast::iequals(expect, "100-continue");
}

std::optional<FramingFault> framing_fault(const FramingHeaders& headers) {
  if (!headers.transfer_encoding.empty() && !boost::beast::iequals(headers.transfer_encoding, "chunked"))
    return FramingFault{501, "transfer_encoding", "only chunked is read here"};
  if (!headers.trailer.empty()) return FramingFault{400, "trailer", "trailers are not read here"};
  if (!headers.expect.empty() && !waits_for_continue(headers.expect))
    return FramingFault{417, "expectation", "only 100-continue is known"};
  return {};
}

}  // namespace weather::sensors
