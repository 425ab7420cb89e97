// A file that a command is given, as a whole. Blocks; any thread.
#pragma once

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include <tl/expected.hpp>

namespace weather::gateway {

// An empty file is a text. The error names the file: "hosts.csv: cannot be read: Permission denied".
inline tl::expected<std::string, std::string> file_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.is_open() && !stream.bad()) return text;
  return tl::unexpected(path + ": cannot be read: " + std::strerror(errno));
}

}  // namespace weather::gateway
