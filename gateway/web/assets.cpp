#include "gateway/web/assets.hpp"

// The assembler copies the files in: no generated arrays, nothing to compile. WEATHER_WEB_DIR is this folder.
#define WEATHER_ASSET(name, file)                                                                \
  asm(".pushsection .rodata\n" #name "_begin:\n.incbin \"" WEATHER_WEB_DIR "/" file "\"\n" #name \
      "_end:\n.byte 0\n.popsection\n");                                                          \
  extern "C" const char name##_begin[], name##_end[];

WEATHER_ASSET(weather_index_html, "index.html")
WEATHER_ASSET(weather_app_css, "app.css")
WEATHER_ASSET(weather_app_js, "app.js")

namespace weather::gateway {

std::string_view asset_index_html() {
  return {weather_index_html_begin, weather_index_html_end};
}

std::string_view asset_app_css() {
  return {weather_app_css_begin, weather_app_css_end};
}

std::string_view asset_app_js() {
  return {weather_app_js_begin, weather_app_js_end};
}

}  // namespace weather::gateway
