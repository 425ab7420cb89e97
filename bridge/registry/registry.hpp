// Asks a schema registry for the number of a schema, and has it registered there if that is wanted. Blocks
// the calling thread, at most about half a minute: for a thread of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

#include "bridge/proxy/settings.hpp"
#include "bridge/registry/protocol.hpp"

namespace weather::registry {

struct RegistryOptions {
  std::string url;                 // as parse_address() takes it
  std::string username, password;  // none: no authorization
  std::filesystem::path ca_file;   // empty: the system's
  bool enrol = true;               // register what the registry does not know
  proxy::Settings proxy = {};      // on the way there; none: directly
};

// What a number belongs to. A change of any part is another number.
struct SchemaKey {
  std::string url, subject, schema;
  SchemaType type = SchemaType::protobuf;
  bool guid = false;  // needed as well
};

// Of the registry at options.url. The error says what happened, in words, without the URL.
tl::expected<SchemaId, std::string> ask_registry(const RegistryOptions& options, const SchemaKey& key);

}  // namespace weather::registry
