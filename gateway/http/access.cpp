#include "gateway/http/access.hpp"

#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>

#include "sensors/http/tls_context.hpp"

namespace weather::gateway {
namespace {

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

tl::expected<PageAccess, std::string> read_page_access(const WebConfig& web) {
  PageAccess access;
  std::string all;
  for (const auto& file : {web.cert_file, web.key_file, web.users_file})
    if (!file.empty()) all += contents_of(file) + '\0';
  access.contents = std::hash<std::string>()(all);
  if (!web.cert_file.empty()) {
    try {
      access.tls = sensors::make_tls_context(web.cert_file.string(), web.key_file.string());
    } catch (const std::system_error& error) {
      return tl::unexpected("web." + std::string(error.what()));
    }
  }
  if (web.users_file.empty()) return access;
  const auto where = "web.users_file " + web.users_file.string() + ": ";
  std::error_code error;
  if (!std::filesystem::is_regular_file(web.users_file, error))
    return tl::unexpected(
        where +
        "no such file; a line for each user, NAME:HASH, HASH from mkpasswd, or weather-gateway page-access");
  auto users = sensors::listener::Users::parse(contents_of(web.users_file));
  if (!users) return tl::unexpected(where + users.error());
  if (users->empty()) return tl::unexpected(where + "there is no user in it; no login would be possible");
  access.users = std::move(*users);
  return access;
}

}  // namespace weather::gateway
