// The page as the server writes it: complete without JavaScript, kept current with it. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/router.hpp"
#include "gateway/web/view.hpp"

namespace weather::gateway {

std::string escape_html(std::string_view text);
// Replaces each {{name}}; the values are HTML. A name without a value is left out.
std::string fill_template(std::string_view page,
                          const std::map<std::string, std::string, std::less<>>& values);
std::string render_page(const View& view);

// A fixed answer with an ETag, 304 to those who have it.
HttpResponse asset_response(const HttpRequest& request, std::string_view content, std::string_view type);

}  // namespace weather::gateway
