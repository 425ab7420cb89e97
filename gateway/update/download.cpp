#include "gateway/update/download.hpp"

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include <openssl/evp.h>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/openssl_free.hpp"
#include "gateway/output/progress.hpp"
#include "gateway/process/run_program.hpp"

namespace weather::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t spare_bytes = 64U << 20;  // of the file system, for readings
constexpr int range_refused = 33;                 // curl's: the server does not go on where it was cut off

std::vector<std::string> curl(std::initializer_list<std::string> more) {
  std::vector<std::string> words{
      "curl",   "--fail",        "--silent", "--show-error", "--location", "--proto",
      "=https", "--proto-redir", "=https",   "--max-redirs", "5",          "--connect-timeout",
      "30",     "--speed-limit", "10",       "--speed-time", "120"};
  words.insert(words.end(), more);
  return words;
}

std::string why(const tl::expected<ProgramEnd, std::string>& end) {
  return why_not("curl", end) + (end ? "" : ": install the package curl");
}

std::uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return error ? 0 : size;
}

std::string sha256_of(const fs::path& file) {
  const std::unique_ptr<EVP_MD_CTX, oauth::OpensslFree<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::ifstream stream(file, std::ios::binary);
  std::vector<char> part(1U << 16U);
  while (stream.read(part.data(), static_cast<std::streamsize>(part.size())), stream.gcount() > 0)
    EVP_DigestUpdate(context.get(), part.data(), static_cast<std::size_t>(stream.gcount()));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &length);
  return http_client::to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), length));
}

// Empty: there is room.
std::string no_room(const Release& release, const fs::path& folder, std::uint64_t there) {
  std::error_code error;
  const auto space = fs::space(folder, error);
  if (error) return folder.string() + ": " + error.message();
  const auto needed = release.bytes - std::min(there, release.bytes) + spare_bytes;
  if (space.available >= needed) return {};
  return folder.string() + ": the update needs " + human_bytes(static_cast<double>(needed)) + ", " +
         human_bytes(static_cast<double>(space.available)) + " are free";
}

}  // namespace

tl::expected<Release, std::string> fetch_index(const std::string& url) {
  const auto end =
      run_program(curl({"--max-time", "120", "--max-filesize", std::to_string(most_index_bytes), url}));
  if (const auto said = why(end); !said.empty()) return tl::unexpected(said);
  if (end->output.size() > most_index_bytes)
    return tl::unexpected(url + ": has more than " + std::to_string(most_index_bytes) + " bytes");
  auto release = read_index(end->output, url);
  if (!release) return tl::unexpected(url + ": " + release.error());
  return release;
}

tl::expected<fs::path, std::string> fetch_bundle(
    const Release& release, const fs::path& folder,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
  std::error_code error;
  fs::create_directories(folder, error);
  // By what it must be: the beginning of another one is not gone on with.
  const auto file = folder / (release.sha256 + ".raucb"), part = folder / (release.sha256 + ".part");
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (at->path() != file && at->path() != part) fs::remove(at->path(), error);
  for (int attempt = 0; attempt < 2 && size_of(file) != release.bytes; ++attempt) {
    if (const auto said = no_room(release, folder, size_of(part)); !said.empty()) return tl::unexpected(said);
    if (size_of(part) < release.bytes) {
      const auto watch = [&] {
        progress(size_of(part), release.bytes);
        return size_of(part) <= release.bytes;
      };
      const auto end =
          run_program(curl({"--continue-at", "-", "--output", part.string(), release.bundle}), {{}, watch});
      if (end && end->exit_code == range_refused) {
        fs::remove(part, error);
        continue;
      }
      if (size_of(part) <= release.bytes)
        if (const auto said = why(end); !said.empty())
          return tl::unexpected(said + "; what has come is kept, the next attempt goes on");
    }
    fs::rename(part, file, error);
  }
  progress(size_of(file), release.bytes);
  const bool sound = size_of(file) == release.bytes && sha256_of(file) == release.sha256;
  if (sound) return file;
  fs::remove(file, error);
  return tl::unexpected(release.bundle +
                        ": is not what the index announces (its size or sha256), and was removed");
}

}  // namespace weather::gateway
