// Moves secrets from the card's FAT partition to the gateway's own: what a power cut finds at any step is
// finished by the next start, and no secret is lost.
//
// Order: the secret durable in the state folder; a note of what is about to be wiped; the bytes overwritten
// in place, which changes nothing in FAT's tables; a file of its own removed; the note removed. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "bridge/log/files.hpp"

namespace weather::gateway {

struct Wipe {
  std::string path;      // below the card
  std::string from, to;  // the whole file before and after; of one length
  bool remove = false;   // the file goes once it is wiped
};

// Of a file that `wipe` was begun on: neither edited since nor finished by another process. A sector that was
// being written may hold anything, which is no text.
bool interrupted(const Wipe& wipe, std::string_view now);
std::string to_note(const Wipe& wipe);
Wipe from_note(std::string_view note);  // of what to_note() made

class SecretMove {
 public:
  // writable: called before the first change of the card; an error says why it cannot be changed.
  SecretMove(log::Files& files, std::filesystem::path card, std::filesystem::path state,
             std::function<std::error_code()> writable)
      : files_(files), card_(std::move(card)), state_(std::move(state)), writable_(std::move(writable)) {}

  // What an earlier start was cut off in.
  log::Result<void> finish_interrupted();
  // Durable when it returns.
  log::Result<void> keep(const std::filesystem::path& name, std::string_view secret);
  log::Result<void> wipe(const Wipe& wipe);

 private:
  log::Result<void> carry_out(const Wipe& wipe, const std::filesystem::path& note);

  log::Files& files_;
  const std::filesystem::path card_, state_;
  const std::function<std::error_code()> writable_;
};

// Whole files as text; nothing: there is none, or it cannot be read.
log::Result<std::string> read_text_file(log::Files& files, const std::filesystem::path& path);
std::span<const std::byte> bytes_of(std::string_view text);

}  // namespace weather::gateway
