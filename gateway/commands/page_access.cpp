#include "gateway/init/page_access.hpp"

#include <fstream>
#include <iostream>

#include <sysexits.h>
#include <unistd.h>

#include "gateway/commands/init.hpp"
#include "gateway/init/ask.hpp"
#include "gateway/init/look.hpp"
#include "gateway/init/write.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/output/time_text.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

constexpr int certificate_days = 3650;

struct Password {
  std::string text;
  bool made = false;  // and is to be shown, once
};

tl::expected<Password, std::string> password_for(const PageAccessCommand& options) {
  if (!options.password_file.empty()) {
    std::ifstream file(options.password_file);
    std::string line;
    if (!std::getline(file, line) || line.empty())
      return tl::unexpected(options.password_file + ": there is no password in its first line");
    return Password{line, false};
  }
  if (::isatty(STDIN_FILENO) == 0) return Password{random_password(), true};
  Asker asker(false, std::cin, print_prompt);
  auto text = asker.secret("Password for " + options.user + " (empty: one is made)");
  if (text.empty()) return Password{random_password(), true};
  if (asker.secret("Once more") != text)
    return tl::unexpected(std::string("the two passwords are not the same; nothing was written"));
  return Password{text, false};
}

}  // namespace

int page_access_command(const PageAccessCommand& options) {
  for (const auto& host : options.hosts)
    if (const auto fault = fault_of_host(host); !fault.empty()) return complain("--host: " + fault, EX_USAGE);
  if (const auto fault = fault_of_user(options.user); !fault.empty())
    return complain("--user: " + fault, EX_USAGE);
  const auto folder = fs::absolute(options.config_file).parent_path();
  const auto users = text_of_file(folder / "page.users");
  const auto there = those_there(plan_page(options.hosts, options.listen, {}, {}), folder);
  if (!there.empty() && !options.replace)
    return complain(there.front().string() +
                        " is there already; --replace keeps what is there under another "
                        "name, users included",
                    EX_CANTCREAT);
  const auto password = password_for(options);
  if (!password) return complain(password.error(), EX_DATAERR);
  const auto hash = hash_password(password->text);
  if (!hash) return complain(hash.error(), EX_SOFTWARE);
  const auto pair = make_certificate(options.hosts, certificate_days);
  if (!pair) return complain(pair.error(), EX_SOFTWARE);
  const auto written =
      write_files(plan_page(options.hosts, options.listen, *pair, with_user(users, options.user, *hash)),
                  folder, file_stamp());
  if (!written) return complain(written.error(), EX_CANTCREAT);
  for (const auto& file : written->kept) print_line("kept     " + file.string());
  for (const auto& file : written->files) print_line("written  " + file.string());
  const auto port = options.listen.substr(options.listen.rfind(':'));
  print_line("page     https://" + options.hosts.front() + port + ", user " + options.user);
  if (password->made) print_line("password " + password->text + "   (shown this once)");
  print_line("The certificate is signed by itself: the browser asks once. Its SHA-256 is");
  const auto print = fingerprint(pair->certificate);
  print_line(print.substr(0, print.size() / 2 + 1));
  print_line(print.substr(print.size() / 2 + 1));
  print_line("Next: sudo systemctl restart weather-gateway");
  return EX_OK;
}

}  // namespace weather::gateway
