#include "gateway/web/assets.hpp"

// The assembler copies the files in: no generated arrays, nothing to compile. WEATHER_WEB_DIR is this folder.
// Hidden, so that the compiler takes the addresses themselves: on arm64 the two ends of a file would be
// looked up in a table of addresses, where local labels of one section are one entry, and every file would be
// empty.
#define WEATHER_ASSET(name, file)                                                                     \
  asm(".pushsection .rodata\n.global " #name "_begin, " #name "_end\n.hidden " #name "_begin, " #name \
      "_end\n" #name "_begin:\n.incbin \"" WEATHER_WEB_DIR "/" file "\"\n" #name                      \
      "_end:\n.byte 0\n.popsection\n");                                                               \
  extern "C" __attribute__((visibility("hidden"))) const char name##_begin[], name##_end[];

WEATHER_ASSET(weather_index_html, "index.html")
WEATHER_ASSET(weather_sensor_html, "sensor.html")
WEATHER_ASSET(weather_icon_svg, "icon.svg")
WEATHER_ASSET(weather_icon_png, "icon.png")
WEATHER_ASSET(weather_manifest, "manifest.webmanifest")
WEATHER_ASSET(weather_app_css, "app.css")
WEATHER_ASSET(weather_app_js, "app.js")

namespace weather::gateway {

std::string_view asset_index_html() {
  return {weather_index_html_begin, weather_index_html_end};
}

std::string_view asset_sensor_html() {
  return {weather_sensor_html_begin, weather_sensor_html_end};
}

std::string_view asset_icon_svg() {
  return {weather_icon_svg_begin, weather_icon_svg_end};
}

std::string_view asset_icon_png() {
  return {weather_icon_png_begin, weather_icon_png_end};
}

std::string_view asset_manifest() {
  return {weather_manifest_begin, weather_manifest_end};
}

std::string_view asset_app_css() {
  return {weather_app_css_begin, weather_app_css_end};
}

std::string_view asset_app_js() {
  return {weather_app_js_begin, weather_app_js_end};
}

}  // namespace weather::gateway
