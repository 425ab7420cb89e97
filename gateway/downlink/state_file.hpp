// data_dir/downlink.json: the state, replaced as a whole. Blocks on the disk; one thread at a time.
#pragma once

#include <filesystem>
#include <string>

#include <tl/expected.hpp>

#include "bridge/log/files.hpp"
#include "gateway/downlink/state.hpp"

namespace weather::gateway::downlink {

inline constexpr const char* state_file_name = "downlink.json";

// An empty state where there is no file. The error is a sentence.
tl::expected<State, std::string> read_state(log::Files& files, const std::filesystem::path& path);
// Durable if the text is empty; else why not, and what was there is untouched.
std::string write_state(log::Files& files, const std::filesystem::path& path, const State& state);
// Ends a trial with which the program does not even start. Whether there was one, and is no longer.
bool take_back(log::Files& files, const std::filesystem::path& path, const std::string& why,
               std::int64_t now_s);

}  // namespace weather::gateway::downlink
