// STATUS.txt on the card: what a person with the card in a computer, or in front of the machine, wants to
// know.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/log/files.hpp"
#include "gateway/card/apply.hpp"

namespace weather::gateway {

// It always has this many bytes: writing it anew changes no table of FAT, so that a power cut costs at most
// the text.
inline constexpr std::size_t status_bytes = 8192;

// What the card's start has to say. LF at the ends of lines. Pure.
std::string card_status(const CardReport& report, std::string_view version);
// What a running gateway has to say, from the JSON of its status; nothing in it that changes by the minute.
// Pure.
std::string gateway_status(std::string_view status_json, const std::vector<std::string>& addresses);

// The whole file: CR LF at the ends of lines, blanks up to its end; what is too much is cut, and says so.
// Pure.
std::string status_file(std::string_view text);

// Writes it if it is another; nothing is touched else. `writable` as in CardTools. True: it was written.
log::Result<bool> write_status(log::Files& files, const std::filesystem::path& card, std::string_view text,
                               const std::function<std::error_code()>& writable);

// A status that changed is written so long after the one before at the earliest. Pure; seconds since the
// boot.
inline constexpr double status_pause_s = 600;
bool status_due(double now_s, double written_s);

}  // namespace weather::gateway
