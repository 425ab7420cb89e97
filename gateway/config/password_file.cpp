#include "gateway/config/password_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace weather::gateway {

std::string password_in(const Config& config, const std::string& key, const std::filesystem::path& file,
                        std::vector<ConfigError>& errors) {
  if (file.empty()) return {};
  errno = 0;
  std::ifstream stream(file);
  std::string password;
  if (std::getline(stream, password)) return password;
  const std::string why = errno == 0 ? " is empty: its first line is to be the password"
                                     : std::string(" cannot be read: ") + std::strerror(errno);
  errors.push_back(fault_at(config, key, file.string() + why));
  return {};
}

}  // namespace weather::gateway
