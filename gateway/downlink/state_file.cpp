#include "gateway/downlink/state_file.hpp"

#include "bridge/log/bytes.hpp"
#include "bridge/log/write_file.hpp"

namespace weather::gateway::downlink {
namespace {

// Each drop-in twice, escaped, and what else there is.
constexpr std::uint64_t most_state_bytes = 16U << 20;

}  // namespace

tl::expected<State, std::string> read_state(log::Files& files, const std::filesystem::path& path) {
  const auto bytes = log::read_file(files, path, most_state_bytes);
  if (!bytes && bytes.error() == log::Errc::not_found) return State{};
  if (!bytes) return tl::unexpected(path.string() + ": cannot be read: " + bytes.error().message());
  auto state = state_from({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!state) return tl::unexpected(path.string() + ": " + state.error());
  return std::move(*state);
}

std::string write_state(log::Files& files, const std::filesystem::path& path, const State& state) {
  const auto done = log::replace_durably(files, path, log::bytes_of(to_text(state)));
  return done ? std::string() : path.string() + ": cannot be written: " + done.error().message();
}

bool take_back(log::Files& files, const std::filesystem::path& path, const std::string& why,
               std::int64_t now_s) {
  auto state = read_state(files, path);
  return state && state->trial && write_state(files, path, reverted(std::move(*state), why, now_s)).empty();
}

}  // namespace weather::gateway::downlink
