#include "gateway/output/complain.hpp"

#include <sysexits.h>

#include "bridge/kafka/secrets.hpp"
#include "gateway/output/print.hpp"

namespace weather::gateway {

int complain(const std::string& text, int exit_code) {
  print_note("weather-gateway: " + bridge::without_secrets(text));
  return exit_code;
}

void complain_of(const std::vector<bridge::PropertyError>& errors, const std::string& file) {
  for (const auto& error : errors) print_note(bridge::describe({error}, file));
}

int complain_of_log(const std::string& dir, const log::Error& error) {
  const auto place = error.place(dir);
  if (error == log::Errc::not_found ||
      (error == std::errc::no_such_file_or_directory && error.file().empty()))
    return complain(dir + ": no log there; name the gateway's data_dir", EX_NOINPUT);
  if (error == log::Errc::locked)
    return complain(dir + ": a running gateway writes this log; stop it first", EX_TEMPFAIL);
  if (error == log::Errc::newer)
    return complain(place +
                        ": written by a newer version of this program, which "
                        "alone may open it",
                    EX_DATAERR);
  if (error == std::errc::permission_denied)
    return complain(place + ": permission denied; run as the user of the gateway", EX_NOPERM);
  return complain(place + ": " + error.code().message(), EX_IOERR);
}

}  // namespace weather::gateway
