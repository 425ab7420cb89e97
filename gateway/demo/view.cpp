#include "gateway/demo/view.hpp"

#include <algorithm>

#include "gateway/status/status.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t story_lines = 5;

std::string paint(const char* code, const std::string& text, bool colour) {
  return colour ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
}

std::string cut_to(std::string text, std::size_t width) {
  if (text.size() > width) text.resize(width);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U)
    text.pop_back();  // no half characters
  return text;
}

// One # for every `unit` readings that wait, so that the eye sees the backlog grow and go.
std::string backlog_bar(std::uint64_t waiting, std::size_t width) {
  const std::uint64_t unit =
      std::max<std::uint64_t>(10, (waiting + width - 1) / std::max<std::size_t>(1, width));
  return std::string(std::min<std::size_t>(width, waiting / unit), '#');
}

std::string per_second(double rate) {
  return human_count(static_cast<std::uint64_t>(rate + 0.5)) + "/s";
}

}  // namespace

std::string demo_line(const DemoView& view) {
  return std::to_string(view.elapsed.count() / 1000) + " s  accepted " + std::to_string(view.accepted) +
         "  delivered " + std::to_string(view.delivered) + "  waiting " + std::to_string(view.waiting) +
         "  " + (view.link_up ? view.word : "offline, the link is cut") + (view.draining ? ", draining" : "");
}

std::vector<std::string> demo_screen(const DemoView& view, std::size_t width, std::size_t height,
                                     bool colour) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& text, const char* code = nullptr) {
    const auto shown = cut_to(text, width);
    lines.push_back(code == nullptr ? shown : paint(code, shown, colour));
  };
  add(" Weather Gateway demo: simulated stations, real log, Kafka inside this process", "1");
  add(" o cuts or restores the link, q ends", "2");
  add("");
  add("  stations " + per_second(view.accepted_per_s) + "  -->  log on disk " + human_count(view.waiting) +
      " waiting  " + (view.link_up ? "-->" : "-X-") + "  Kafka " + per_second(view.delivered_per_s));
  add("  accepted " + human_count(view.accepted) + "   delivered " + human_count(view.delivered) +
      "   waiting " + human_count(view.waiting));
  add("  backlog  " + backlog_bar(view.waiting, width > 24 ? width - 24 : 10), view.link_up ? "32" : "33");
  add("  " + view.state, view.link_up ? "32" : "33");
  add("");
  for (std::size_t i = view.story.size() > story_lines ? view.story.size() - story_lines : 0;
       i < view.story.size(); ++i)
    add("  " + view.story[i]);
  add("");
  add(" What a consumer of topic_weather sees:", "1");
  const std::size_t room = height > lines.size() + 1 ? height - lines.size() - 1 : 0;
  for (std::size_t i = view.seen.size() > room ? view.seen.size() - room : 0; i < view.seen.size(); ++i)
    add("  " + view.seen[i], "36");
  return lines;
}

}  // namespace weather::gateway
