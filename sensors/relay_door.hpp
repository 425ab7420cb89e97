// Where a source puts what another gateway relays: it knows no log, and not what is in a batch.
#pragma once

#include <string>
#include <string_view>

#include "sensors/ticket.hpp"

namespace weather::sensors {

// body is what to answer once the ticket is durable.
struct RelayReply {
  unsigned status = 200;                // of HTTP
  std::string error = {}, detail = {};  // of any other status: short and fixed, and for people
  std::string body = {};                // of 200: JSON
  Ticket ticket = 0;
};

class RelayDoor {
 public:
  virtual ~RelayDoor() = default;
  // user: the sender must be the gateway of this name; empty: any.
  virtual RelayReply take(std::string_view batch, std::string_view user) = 0;
};

}  // namespace weather::sensors
