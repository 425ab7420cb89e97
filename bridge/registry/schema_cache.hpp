// Schema numbers once learned, in a folder of small files, so that readings are framed without the registry.
// One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "bridge/log/files.hpp"
#include "bridge/registry/registry.hpp"

namespace weather::registry {

class SchemaCache {
 public:
  SchemaCache(std::filesystem::path dir, log::Files& files) : dir_(std::move(dir)), files_(files) {}

  std::optional<SchemaId> find(const SchemaKey& key) const;
  // Durable when it returns. An error costs a question at the next start, nothing else.
  log::Result<void> store(const SchemaKey& key, const SchemaId& id);

 private:
  std::filesystem::path file_of(const SchemaKey& key) const;
  std::filesystem::path dir_;
  log::Files& files_;
};

}  // namespace weather::registry
