#include <algorithm>
#include <array>
#include <cstdio>

#include "gateway/output/columns.hpp"
#include "gateway/output/progress.hpp"
#include "gateway/output/style.hpp"
#include "gateway/status/status.hpp"
#include "gateway/top/lines.hpp"
#include "gateway/top/model.hpp"

namespace weather::gateway {
namespace {

constexpr std::size_t state_width = 9, age_width = 6, source_width = 24;
constexpr std::size_t low_screen = 16;  // below it the sensors have all the room there is
constexpr std::size_t least_id = 12, most_id = 40, wide_screen = 110;
constexpr std::array sort_names{"state, the worst first", "name", "age, the oldest first", "source"};

constexpr std::array help_text{
    "Keys",
    "",
    "  up down, k j          one sensor up or down",
    "  PgUp PgDn, b space    a screen up or down",
    "  Home End, g G         the first, the last",
    "  left right            the rest of long values",
    "  s                     sort by state, name, age, source",
    "  r                     the other way round",
    "  /                     show only what has this text, in its name, state, source",
    "                        or value; Enter keeps it, Esc takes it away",
    "  h ?                   this help; any key ends it",
    "  q, Ctrl+C             end",
    "",
    "A rate is counted from change to change over the last 20 s, so that readings",
    "that come in batches have a steady one."};

// Over as many lines as it needs, at most `most`.
std::vector<std::string> wrapped(const std::string& text, std::size_t width, std::size_t most) {
  auto lines = wrap(text, width);
  for (auto& line : lines) line = cut(line, width);
  if (lines.size() <= most) return lines;
  lines.resize(most);
  lines.back() = cut(lines.back() + " " + text, width);  // with the sign that there is more
  return lines;
}

std::string counted(std::size_t count, const char* one, const char* more) {
  return human_count(count) + " " + (count == 1 ? one : more);
}

// "7 min" of 7 min 26 s.
std::string short_duration(double seconds) {
  const auto text = human_duration(seconds);
  return text.substr(0, text.find(' ', text.find(' ') + 1));
}

// "30/s", "2.5/s", "12/min", "3/h", "0/s"
std::string rate_text(double per_second) {
  const auto number = [](double value, int digits, const char* unit) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.*f%s", digits, value, unit);
    return std::string(text.data());
  };
  if (per_second <= 0) return "0/s";
  if (per_second >= 9.95) return number(per_second, 0, "/s");
  if (per_second >= 0.995) return number(per_second, 1, "/s");
  if (per_second * 60 >= 0.995) return number(per_second * 60, 0, "/min");
  return number(std::max(1.0, per_second * 3600), 0, "/h");
}

// As the page has it: the steady one, and of a backlog that drains what it is at this moment.
double rate_out(const boost::json::value& status) {
  double catching_up = 0;
  for (const auto& route : status.at("kafka").as_array())
    if (text_of(route, "state") == "catching_up") catching_up += number_of(route, "records_per_second");
  return catching_up > 0 ? catching_up : number_of(status, "delivered_per_second");
}

struct PlaceLine {
  std::string line;
  Tone tone;
};

// As many as have room, those that are not well first.
void add_some(std::vector<std::string>& out, std::vector<PlaceLine> places, std::size_t room,
              const TopScreen& screen) {
  std::stable_sort(places.begin(), places.end(), [](const PlaceLine& a, const PlaceLine& b) {
    return (a.tone != Tone::good) > (b.tone != Tone::good);
  });
  const bool all = places.size() <= room || !screen.keys;
  const auto shown = all ? places.size() : room - 1;
  for (std::size_t i = 0; i < shown; ++i)
    out.push_back(paint(places[i].tone, cut(places[i].line, screen.width), screen.colour));
  if (!all)
    out.push_back(cut("        and " + std::to_string(places.size() - shown) + " more", screen.width));
}

}  // namespace

void TopModel::add_head(std::vector<std::string>& out, const TopScreen& screen) const {
  const auto health = text_of(status_, "health");
  const bool low = screen.keys && screen.height < low_screen;
  if (!missed_.empty())
    for (const auto& line : wrapped("No answer, trying again: " + missed_, screen.width, 2))
      out.push_back(paint(Tone::bad, line, screen.colour));
  for (const auto& line : wrapped(text_of(status_, "verdict"), screen.width, low ? 1 : 3))
    out.push_back(paint(missed_.empty() ? tone_of(health) : Tone::dim, line, screen.colour));
  const auto& gateway = status_.at("gateway");
  out.push_back(cut(text_of(gateway, "id") + "   up " + human_duration(number_of(gateway, "uptime_seconds")) +
                        "   clock " + text_of(gateway, "clock"),
                    screen.width));
  const auto& log = status_.at("log");
  out.push_back(cut("in " + fit(rate_text(number_of(status_, "received_per_second")), 9) + " unsent " +
                        fit(human_count(static_cast<std::uint64_t>(number_of(status_, "unsent"))), 9) +
                        " out " + fit(rate_text(rate_out(status_)), 9) + " log " +
                        human_bytes(number_of(log, "size_bytes")) + " of " +
                        human_bytes(number_of(log, "max_bytes")),
                    screen.width));
  if (!low) out.emplace_back();
}

void TopModel::add_places(std::vector<std::string>& out, const TopScreen& screen) const {
  const auto name_width = std::min<std::size_t>(32, screen.width / 3);
  std::vector<PlaceLine> sources, routes;
  for (const auto& source : status_.at("sources").as_array()) {
    const bool up = source.at("up").as_bool();
    sources.push_back({"source  " + fit(text_of(source, "name"), name_width) + " " +
                           (up ? "up" : text_of(source, "reason")),
                       up ? Tone::good : Tone::warning});
  }
  for (const auto& route : status_.at("kafka").as_array()) {
    const auto state = text_of(route, "state"), reason = text_of(route, "reason");
    routes.push_back({"kafka   " + fit(text_of(route, "topic"), name_width) + " " + state +
                          (reason.empty() ? "" : ": " + reason),
                      tone_of(state)});
  }
  // The sensors have at least half of the screen.
  const auto room = std::max<std::size_t>(2, screen.height / 8);
  add_some(out, std::move(routes), room, screen);
  add_some(out, std::move(sources), room, screen);
  out.emplace_back();
}

std::string TopModel::row_line(const Row& row, const TopScreen& screen, std::size_t id_width) const {
  StyledLine line(screen.width, screen.colour);
  line.add(fit(row.id, id_width) + " ").add(fit(row.state, state_width), tone_of(row.state));
  line.add(" " + fit(short_duration(row.age_s), age_width) + " ");
  if (screen.width >= wide_screen) line.add(fit(row.source, source_width) + " ");
  line.add(row.trouble, Tone::warning);
  if (!row.trouble.empty() && !row.text.empty()) line.add("; ");
  return line.add(without_columns(row.text, left_)).take();
}

void TopModel::add_sensors(std::vector<std::string>& out, const TopScreen& screen) {
  const auto list = rows();
  const auto all = sensors_.at("sensors").as_array().size();
  std::size_t id_width = least_id;
  for (const auto& row : list) id_width = std::max(id_width, columns_of(row.id));
  id_width = std::min({id_width, most_id, std::max(least_id, screen.width / 3)});
  const auto used = out.size() + 2 + (screen.keys ? 2 : 0);  // two heads, the foot, the line not used
  page_ =
      !screen.keys ? list.size() : std::max<std::size_t>(1, screen.height > used ? screen.height - used : 1);
  last_first_ = list.size() > page_ ? list.size() - page_ : 0;
  first_ = std::min(first_, last_first_);
  const auto end = std::min(list.size(), first_ + page_);
  auto count = list.size() > page_ ? human_count(first_ + 1) + "-" + human_count(end) + " of " +
                                         counted(list.size(), "sensor", "sensors")
                                   : counted(list.size(), "sensor", "sensors");
  if (!filter_.empty()) count += " with \"" + filter_ + "\", " + human_count(all) + " in all";
  count +=
      std::string("; by ") + sort_names[static_cast<std::size_t>(sort_)] + (reversed_ ? ", reversed" : "");
  out.push_back(cut(count, screen.width));
  auto head = fit("SENSOR", id_width) + " " + fit("STATE", state_width) + " " + fit("AGE", age_width) + " ";
  if (screen.width >= wide_screen) head += fit("SOURCE", source_width) + " ";
  head += left_ == 0 ? "VALUE" : "VALUE, from column " + std::to_string(left_ + 1);
  out.push_back(screen.colour ? paint(Tone::reverse, fit(head, screen.width), true)
                              : cut(head, screen.width));
  for (auto i = first_; i < end; ++i) out.push_back(row_line(list[i], screen, id_width));
}

std::string TopModel::foot(const TopScreen& screen) const {
  if (typing_) return cut("show only: " + filter_ + "_   Enter keeps it, Esc takes it away", screen.width);
  return paint(Tone::dim, cut("up down scroll  s sort  r reverse  / filter  h help  q quit", screen.width),
               screen.colour);
}

std::vector<std::string> TopModel::lines(const TopScreen& screen) {
  std::vector<std::string> out;
  const auto most = screen.height > 1 ? screen.height - 1 : 1;
  if (help_) {
    for (const auto* line : help_text) out.push_back(cut(line, screen.width));
  } else if (status_.is_null()) {
    for (const auto& line : wrapped(missed_, screen.width, 3)) out.push_back(line);
  } else {
    add_head(out, screen);
    if (!screen.keys || screen.height >= low_screen) add_places(out, screen);
    add_sensors(out, screen);
  }
  if (!screen.keys) return out;
  if (out.size() > most - 1) out.resize(most - 1);
  while (out.size() < most - 1) out.emplace_back();
  out.push_back(foot(screen));
  return out;
}

}  // namespace weather::gateway
