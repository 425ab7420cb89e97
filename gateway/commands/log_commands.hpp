// `log ls|stat|verify|dump|export|import|repair DIR` and `audit DIR`. Each returns 0 clean, 1 torn tail, 2
// damage, 3 loss, or one of sysexits.h (64 and above) if it could not do its work.
#pragma once

#include <cstdint>
#include <string>

namespace weather::gateway {

struct LogCommand {
  std::string dir;
  std::string file;    // export: to, import: from
  std::string cursor;  // unsent by this cursor
  bool json = false, unsent = false, dry_run = false;
  std::uint64_t from = 1, to = ~std::uint64_t{0}, limit = 0;
};

int log_ls_command(const LogCommand& command);
int log_stat_command(const LogCommand& command);
int log_verify_command(const LogCommand& command);
int log_dump_command(const LogCommand& command);
int log_export_command(const LogCommand& command);
int log_import_command(const LogCommand& command);
int log_repair_command(const LogCommand& command);
int audit_command(const LogCommand& command);

}  // namespace weather::gateway
