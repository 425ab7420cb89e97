// The page's files, as they stand in this folder, inside the program.
#pragma once

#include <string_view>

namespace weather::gateway {

std::string_view asset_index_html();
std::string_view asset_sensor_html();
std::string_view asset_icon_svg();
std::string_view asset_icon_png();
std::string_view asset_manifest();
std::string_view asset_app_css();
std::string_view asset_app_js();

}  // namespace weather::gateway
