// One sentence on stderr, and the exit code that goes with it.
#pragma once

#include <string>
#include <vector>

#include "bridge/kafka/properties.hpp"
#include "bridge/log/result.hpp"

namespace weather::gateway {

int complain(const std::string& text, int exit_code);
// Each fault of a client.properties, a line each.
void complain_of(const std::vector<bridge::PropertyError>& errors, const std::string& file);
// What happened to the log in `dir`, to which of its files and at which byte, with what to do next.
// EX_NOINPUT, EX_TEMPFAIL, EX_DATAERR or EX_IOERR.
int complain_of_log(const std::string& dir, const log::Error& error);

}  // namespace weather::gateway
