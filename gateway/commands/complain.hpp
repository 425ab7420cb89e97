// One sentence on stderr, and the exit code that goes with it.
#pragma once

#include <string>
#include <system_error>

namespace weather::gateway {

int complain(const std::string& text, int exit_code);
// What happened to the log in `dir`, with what to do next. EX_NOINPUT, EX_TEMPFAIL, EX_DATAERR or EX_IOERR.
int complain_of_log(const std::string& dir, const std::error_code& error);

}  // namespace weather::gateway
