#include "gateway/init/staged.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <stdlib.h>

#include "gateway/init/write.hpp"

namespace weather::gateway {

Staged::Staged(const std::vector<PlannedFile>& files) {
  auto name = (std::filesystem::temp_directory_path() / "weather-gateway-init-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error(name + ": cannot be made: " + std::strerror(errno));
  folder_ = name;
  if (const auto written = write_files(files, folder_, "staged"); !written) {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    throw std::runtime_error(written.error());
  }
}

Staged::~Staged() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Staged::without_folder(std::string text) const {
  const auto before = folder_.string() + "/";
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at))
    text.erase(at, before.size());
  return text;
}

}  // namespace weather::gateway
