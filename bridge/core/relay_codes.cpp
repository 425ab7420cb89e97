#include "bridge/core/relay_codes.hpp"

#include <algorithm>
#include <iterator>

namespace weather::bridge::relay {
namespace {

constexpr auto T = ErrorClass::transient;
constexpr auto B = ErrorClass::blocked;
constexpr auto R = ErrorClass::record;

struct Row {
  int status;
  ErrorClass error_class;
  std::string_view text;
};

constexpr std::string_view busy = "the receiver, or a proxy before it, cannot take records now";
constexpr std::string_view moved = "it sends us elsewhere: set \"to\" to where the receiver is";

// In the order of the statuses. One that is not here is blocked up to 499, transient from 500 on: an unknown
// answer must not empty a backlog into the dead letters.
constexpr Row rows[] = {
    {301, B, moved},
    {302, B, moved},
    {307, B, moved},
    {308, B, moved},
    {400, B, "it does not understand what we send: install the same version on both"},
    {401, B, "it does not know us: set token_file, and put the token's SHA-256 into its tokens_file"},
    {403, B, "it does not let us: see its journal for the reason"},
    {404, B, "nothing takes relayed readings there: set relay = true in its [[http]], or correct \"to\""},
    {405, B, "nothing takes relayed readings there: set relay = true in its [[http]], or correct \"to\""},
    {407, B, "a proxy before it wants a login"},
    {408, T, busy},
    {413, R, "it is larger than the receiver, or a proxy before it, takes"},
    {425, T, busy},
    {429, T, "the receiver asks for patience"},
    {501, B, "a proxy or server there cannot do this"},
    {502, T, busy},
    {503, T, "the receiver cannot store records now: its log is full or its card has a fault"},
    {504, T, busy},
    {505, B, "it does not speak HTTP/1.1"},
    {508, B, "a loop: the receiver is the gateway these records came from, or has a copy of its card"},
    {511, B, "a network before it wants a login"},
    {900, B, "what answers there is no gateway: a login page of the network, or another server"},
    {901, B, "it speaks another version of the relay: install the same version on both"},
    {902, R, "it is larger than the receiver takes"},
    {903, R, "the receiver cannot read it"},
};
static_assert(std::is_sorted(std::begin(rows), std::end(rows),
                             [](const Row& a, const Row& b) { return a.status < b.status; }));

const Row* find(int code) {
  const int status = first_code - code;
  const auto* row = std::lower_bound(std::begin(rows), std::end(rows), status,
                                     [](const Row& r, int wanted) { return r.status < wanted; });
  return row != std::end(rows) && row->status == status ? row : nullptr;
}

}  // namespace

ErrorClass classify(int code) {
  if (const auto* row = find(code)) return row->error_class;
  return first_code - code >= 500 ? T : B;
}

std::string explain(int code) {
  const int status = first_code - code;
  std::string text = status < 900 ? "HTTP " + std::to_string(status) : "";
  const auto* row = find(code);
  if (row == nullptr) return text;
  return text.empty() ? std::string(row->text) : text + ": " + std::string(row->text);
}

std::string_view record_reason(int code) {
  return code == record_too_large || code == code_of(413) ? "too_large" : "refused";
}

}  // namespace weather::bridge::relay
