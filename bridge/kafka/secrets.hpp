// What is a secret: the one rule for everything that is shown, said or packed. What is known to be plain may
// be shown; of everything else, a misspelt name above all, only the name. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weather::bridge {

inline constexpr std::string_view redacted_text = "<redacted>";

// Must the value of this setting of librdkafka, or of this header, stay unseen? So it is for every name but
// those that are known to be plain.
bool is_secret(std::string_view name);

// The value of a key that is known to be plain, or a sentence that quotes one, without what looks like a
// secret all the same: whatever stands before an '@', queries and fragments of URLs and those parts of their
// paths that are no plain words, PEM, tokens, long runs of letters and digits without words in them.
std::string shown(std::string_view text);

// A sentence of anybody, for the journal: only what is certainly a secret goes. User and password of an
// address, queries of URLs, "password=...", "Bearer ...", PEM, JSON Web Tokens.
std::string without_secrets(std::string_view text);

}  // namespace weather::bridge
