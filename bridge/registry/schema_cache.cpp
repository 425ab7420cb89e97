#include "bridge/registry/schema_cache.hpp"

#include <array>
#include <charconv>
#include <span>
#include <vector>

#include <openssl/sha.h>

#include "bridge/http_client/encoding.hpp"

namespace weather::registry {
namespace {

constexpr std::size_t longest_file = 4096;

// One line each: number, URL, subject, and the GUID if it is needed. The name of the file holds the schema.
std::string content_of(const SchemaKey& key, const SchemaId& id) {
  auto text = std::to_string(id.number) + "\n" + key.url + "\n" + key.subject + "\n";
  if (key.guid) text += to_text(id.guid) + "\n";
  return text;
}

// Behind the other lines.
std::string guid_in(std::string_view text) {
  text.remove_suffix(text.ends_with('\n') ? 1 : 0);
  return guid_from(text.substr(text.rfind('\n') + 1));
}

}  // namespace

std::filesystem::path SchemaCache::file_of(const SchemaKey& key) const {
  const auto whole = key.url + "\n" + key.subject + "\n" + key.schema + (key.guid ? "\nguid" : "");
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(whole.data()), whole.size(), digest.data());
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), 12);
  return dir_ / (http_client::to_hex(bytes) + ".schema");
}

std::optional<SchemaId> SchemaCache::find(const SchemaKey& key) const {
  const auto file = files_.open(file_of(key), log::Mode::read);
  if (!file) return std::nullopt;
  std::array<char, longest_file> text{};
  const auto size = (*file)->read(0, std::as_writable_bytes(std::span(text)));
  if (!size) return std::nullopt;
  SchemaId id;
  const auto [end, error] = std::from_chars(text.data(), text.data() + *size, id.number);
  if (key.guid) id.guid = guid_in({text.data(), *size});
  // Whole, and ours: a file cut short by a power cut is no answer.
  const auto expected = content_of(key, id);
  if (error != std::errc{} || id.number <= 0 || (key.guid && id.guid.empty()) ||
      std::string_view(text.data(), *size) != expected)
    return std::nullopt;
  return id;
}

log::Result<void> SchemaCache::store(const SchemaKey& key, const SchemaId& id) {
  const auto path = file_of(key);
  auto fresh = path;
  fresh += ".new";
  if (auto made = files_.make_dir(dir_); !made) return made;
  (void)files_.remove(fresh);  // left by a crash
  auto file = files_.open(fresh, log::Mode::create);
  if (!file) return tl::unexpected(file.error());
  const auto content = content_of(key, id);
  const auto written = (*file)->write(0, std::as_bytes(std::span(content)));
  if (!written) return tl::unexpected(written.error());
  if (*written != content.size()) return log::fail(log::Errc::full);
  if (auto synced = (*file)->sync_data(); !synced) return synced;
  if (auto renamed = files_.rename(fresh, path); !renamed) return renamed;
  return files_.sync_dir(dir_);
}

}  // namespace weather::registry
