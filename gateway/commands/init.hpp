// Setting a gateway up: `init` and `page-access`.
#pragma once

#include <string>
#include <vector>

namespace weather::gateway {

struct PageAccessCommand {
  std::string config_file;
  std::vector<std::string> hosts;
  std::string user, password_file;  // password_file empty: asked for, or made
  std::string listen = "0.0.0.0:8680";
  bool replace = false;
};
// Writes a certificate, a users file and conf.d/page.toml. EX_CANTCREAT if something else is there and
// --replace was not given.
int page_access_command(const PageAccessCommand& options);

struct InitCommand {
  std::string config_file;
  bool yes = false, replace = false;
  std::string id, topic = "topic_weather", kafka, proxy, properties_file, data_dir;
  std::vector<std::string> brokers;
  std::string username, password_file;  // of the brokers
  std::string listen = "20s", timeout = "5s";
  std::string root = "/";  // where the machine's own files are; another one for tests and images
  std::vector<std::string> page_hosts;
  std::string page_user, page_password_file;
};
// EX_CANTCREAT if a configuration is there and is not to be replaced, EX_NOINPUT if the answers end early:
// then nothing is written. Else what `check` says of the result.
int init_command(const InitCommand& options);

}  // namespace weather::gateway
