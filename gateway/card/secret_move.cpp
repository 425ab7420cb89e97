#include "gateway/card/secret_move.hpp"

#include <algorithm>
#include <charconv>

#include "bridge/http_client/encoding.hpp"
#include "bridge/log/write_file.hpp"
#include "gateway/card/text.hpp"

namespace weather::gateway {
namespace {

constexpr std::uint64_t most_bytes = 1U << 20;

// The folder a note or a secret is kept in, durable itself.
log::Result<void> make_durable_folder(log::Files& files, const std::filesystem::path& folder) {
  if (auto made = files.make_dir(folder); !made) return made;
  return files.sync_dir(folder.parent_path());
}

bool is_text(std::string_view bytes) {
  const auto found = decode(bytes);
  return found && std::none_of(found->text.begin(), found->text.end(), [](char c) {
           return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t';
         });
}

}  // namespace

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

log::Result<std::string> read_text_file(log::Files& files, const std::filesystem::path& path) {
  const auto bytes = log::read_file(files, path, most_bytes);
  if (!bytes) return log::fail(bytes.error());
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

bool interrupted(const Wipe& wipe, std::string_view now) {
  if (now.size() != wipe.from.size()) return false;
  for (std::size_t i = 0; i < now.size(); ++i)
    if (now[i] != wipe.from[i] && now[i] != wipe.to[i]) return !is_text(now);
  return true;
}

std::string to_note(const Wipe& wipe) {
  return std::string(wipe.remove ? "remove" : "keep") + "\n" + wipe.path + "\n" + wipe.from + wipe.to;
}

Wipe from_note(std::string_view note) {
  Wipe wipe;
  const auto line = [&note] {
    const auto end = std::min(note.find('\n'), note.size());
    const auto text = note.substr(0, end);
    note.remove_prefix(std::min(end + 1, note.size()));
    return std::string(text);
  };
  wipe.remove = line() == "remove";
  wipe.path = line();
  wipe.from = note.substr(0, note.size() / 2);
  wipe.to = note.substr(note.size() / 2);
  return wipe;
}

log::Result<void> SecretMove::finish_interrupted() {
  const auto folder = state_ / "wiping";
  const auto names = files_.list(folder);
  if (!names) return {};  // there never was one
  for (const auto& name : *names) {
    const auto note = read_text_file(files_, folder / name);
    if (!note) return log::fail(note.error());
    const auto wipe = from_note(*note);
    const auto now = read_text_file(files_, card_ / wipe.path);
    // One that is only half written (".tmp") was never begun to be carried out.
    const bool ours = !name.ends_with(".tmp") && now && interrupted(wipe, *now);
    auto done = ours ? carry_out(wipe, folder / name) : files_.remove(folder / name);
    if (done && !ours) done = files_.sync_dir(folder);
    if (!done) return done;
  }
  return {};
}

log::Result<void> SecretMove::keep(const std::filesystem::path& name, std::string_view secret) {
  const auto path = state_ / name;
  if (const auto kept = read_text_file(files_, path); kept && *kept == secret) return {};
  if (auto made = make_durable_folder(files_, state_); !made) return made;
  if (auto made = make_durable_folder(files_, path.parent_path()); !made) return made;
  return log::replace_durably(files_, path, bytes_of(secret));
}

log::Result<void> SecretMove::wipe(const Wipe& wipe) {
  if (const auto error = writable_()) return log::fail(error);
  if (auto made = make_durable_folder(files_, state_); !made) return made;
  const auto folder = state_ / "wiping";
  if (auto made = make_durable_folder(files_, folder); !made) return made;
  const auto note = folder / http_client::to_hex(wipe.path);
  if (auto noted = log::replace_durably(files_, note, bytes_of(to_note(wipe))); !noted) return noted;
  return carry_out(wipe, note);
}

log::Result<void> SecretMove::carry_out(const Wipe& wipe, const std::filesystem::path& note) {
  if (const auto error = writable_()) return log::fail(error);
  const auto path = card_ / wipe.path;
  {
    const auto file = files_.open(path, log::Mode::write);
    if (!file) return log::fail(file.error());
    if (auto written = log::write_all(**file, 0, bytes_of(wipe.to)); !written) return written;
    if (auto synced = (*file)->sync_data(); !synced) return synced;
  }
  if (wipe.remove) {
    if (auto removed = files_.remove(path); !removed) return removed;
    if (auto synced = files_.sync_dir(path.parent_path()); !synced) return synced;
  }
  if (auto removed = files_.remove(note); !removed) return removed;
  return files_.sync_dir(note.parent_path());
}

}  // namespace weather::gateway
