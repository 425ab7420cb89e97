// What a token endpoint's answer, or a file with a token, means. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bridge/http_client/http_post.hpp"
#include "bridge/oauth/settings.hpp"
#include "bridge/oauth/token.hpp"

namespace weather::oauth {

// "Mon, 30 Nov 2026 12:00:05 GMT" as Unix time; nothing: it is something else.
std::optional<std::int64_t> read_http_date(const std::string& text);

// now_s: by this machine's clock, which may be wrong; the server's own counts where it says it.
tl::expected<Token, std::string> read_answer(const Settings& settings, const http_client::HttpAnswer& answer,
                                             std::int64_t now_s);

tl::expected<Token, std::string> read_token_file(const std::string& path, std::string_view text,
                                                 std::int64_t now_s);

}  // namespace weather::oauth
