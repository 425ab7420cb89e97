#include "gateway/update/release.hpp"

#include <algorithm>
#include <cctype>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "bridge/http_client/address.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// '~' before the end, the end before letters, letters before all else.
int order(std::string_view text, std::size_t at) {
  if (at >= text.size() || is_digit(text[at])) return 0;
  if (text[at] == '~') return -1;
  const auto byte = static_cast<unsigned char>(text[at]);
  return std::isalpha(byte) != 0 ? byte : byte + 256;
}

std::string_view board_of(std::string_view compatible) {
  constexpr std::string_view prefix = "weather-gateway-";
  if (compatible.starts_with(prefix)) compatible.remove_prefix(prefix.size());
  return compatible;
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->as_string()) : std::string();
}

}  // namespace

int compare_versions(std::string_view left, std::string_view right) {
  std::size_t l = 0, r = 0;
  while (l < left.size() || r < right.size()) {
    while ((l < left.size() && !is_digit(left[l])) || (r < right.size() && !is_digit(right[r]))) {
      if (const int difference = order(left, l) - order(right, r); difference != 0) return difference;
      ++l, ++r;
    }
    while (l < left.size() && left[l] == '0') ++l;
    while (r < right.size() && right[r] == '0') ++r;
    int first = 0;
    for (; l < left.size() && is_digit(left[l]) && r < right.size() && is_digit(right[r]); ++l, ++r)
      if (first == 0) first = left[l] - right[r];
    if (l < left.size() && is_digit(left[l])) return 1;
    if (r < right.size() && is_digit(right[r])) return -1;
    if (first != 0) return first;
  }
  return 0;
}

tl::expected<Release, std::string> read_index(std::string_view text, std::string_view index_url) {
  boost::system::error_code error;
  const auto document = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !document.is_object()) return tl::unexpected(std::string("is no JSON object"));
  const auto& object = document.as_object();
  Release release{text_member(object, "version"), text_member(object, "board"), text_member(object, "bundle"),
                  text_member(object, "sha256"), 0};
  for (const auto& [name, value] : {std::pair<const char*, const std::string*>{"version", &release.version},
                                    {"board", &release.board},
                                    {"bundle", &release.bundle}})
    if (value->empty()) return tl::unexpected("has no \"" + std::string(name) + "\"");
  const bool digits = std::all_of(release.sha256.begin(), release.sha256.end(),
                                  [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  if (release.sha256.size() != 64 || !digits)
    return tl::unexpected(std::string("\"sha256\" is not 64 digits of 0-9 and a-f"));
  const auto* size = object.if_contains("size");
  const auto bytes = size != nullptr && size->is_int64() ? size->as_int64() : 0;
  if (bytes <= 0 || static_cast<std::uint64_t>(bytes) > most_bundle_bytes)
    return tl::unexpected("\"size\" is not between 1 and " + std::to_string(most_bundle_bytes) + " bytes");
  release.bytes = static_cast<std::uint64_t>(bytes);
  if (release.bundle.find("://") == std::string::npos)
    release.bundle = std::string(index_url.substr(0, index_url.rfind('/') + 1)) + release.bundle;
  const auto place = http_client::parse_place(release.bundle);
  if (!place || !place->address.tls) return tl::unexpected(std::string("\"bundle\" is no https:// address"));
  return release;
}

Judgement judge_offer(std::string_view version, std::string_view board, std::string_view running_version,
                      std::string_view running_board) {
  const auto theirs = std::string(board_of(board)), ours = std::string(board_of(running_board));
  const auto offered = std::string(version), running = std::string(running_version);
  if (ours.empty())
    return {Offer::refused,
            "this machine's board is not known: it does not run from an image of the gateway"};
  if (theirs != ours)
    return {Offer::refused, "version " + offered + " is for the board " + theirs + ", this is a " + ours};
  const int newer = compare_versions(version, running_version);
  if (newer < 0)
    return {Offer::refused, "version " + offered + " is older than " + running +
                                ", which runs: what the newer one wrote an older one may not read"};
  if (newer == 0) return {Offer::same, "version " + running + " runs already"};
  return {Offer::newer, "version " + offered + " is newer than " + running + ", which runs"};
}

tl::expected<BundleFacts, std::string> read_bundle_info(std::string_view text) {
  boost::system::error_code error;
  const auto document = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !document.is_object())
    return tl::unexpected(std::string("rauc info says nothing that can be read"));
  BundleFacts facts{text_member(document.as_object(), "version"),
                    text_member(document.as_object(), "compatible")};
  if (facts.version.empty() || facts.compatible.empty())
    return tl::unexpected(std::string("the bundle names no version or no board"));
  return facts;
}

}  // namespace weather::gateway
