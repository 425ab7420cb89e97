// Updates of the flashable image.
#pragma once

#include <string>

namespace weather::gateway {

struct UpdateCommand {
  std::string root = "/";  // where proc, run, usr and var are
  bool json = false;
};

struct UpdateCheckCommand : UpdateCommand {
  std::string url;  // empty: [update] url
};
// EX_DATAERR for an update that is refused.
int update_check_command(const UpdateCheckCommand& options);

int update_status_command(const UpdateCommand& options);

struct UpdateInstallCommand : UpdateCommand {
  std::string source;  // a bundle, an https address of one or of a latest.json; empty: [update] url
  bool usb = false, now = false, again = false, reboot = false;
};
// EX_OK too for the version that runs already, EX_TEMPFAIL within held hours, EX_DATAERR for a bundle that is
// refused.
int update_install_command(const UpdateInstallCommand& options);

struct UpdateCommitCommand : UpdateCommand {
  std::string steady = "30s", deadline = "15m";
};
// EX_UNAVAILABLE if the slot is left: the machine restarts.
int update_commit_command(const UpdateCommitCommand& options);

}  // namespace weather::gateway
