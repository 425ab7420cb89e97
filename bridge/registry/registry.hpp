// Asks a schema registry for the number of a schema, and has it registered there if that is wanted. Blocks
// the calling thread, at most about half a minute: for a thread of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

namespace weather::registry {

struct RegistryOptions {
  std::string url;                 // as parse_address() takes it
  std::string username, password;  // none: no authorization
  std::filesystem::path ca_file;   // empty: the system's
  bool enrol = true;               // register what the registry does not know
};

// The error says what happened, in words, without the URL.
tl::expected<std::int32_t, std::string> ask_registry(const RegistryOptions& options,
                                                     const std::string& subject, const std::string& schema);

}  // namespace weather::registry
