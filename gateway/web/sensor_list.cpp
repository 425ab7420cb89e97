#include "gateway/web/sensor_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "gateway/http/message.hpp"
#include "sensors/reading/letters.hpp"

namespace weather::gateway {
namespace {

constexpr std::array<std::string_view, 4> worst_first{"rejecting", "silent", "late", "ok"};

std::size_t rank_of(std::string_view state) {
  return static_cast<std::size_t>(std::ranges::find(worst_first, state) - worst_first.begin());
}

bool has(std::string_view text, std::string_view wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), sensors::alike) != text.end() ||
         wanted.empty();
}

bool matches(const SensorStatus& sensor, std::string_view wanted) {
  return wanted.empty() || has(sensor.id, wanted) || has(sensor.source, wanted) ||
         has(sensor.error, wanted) || has(sensor.value_json, wanted);
}

}  // namespace

SensorAsk ask_from(const std::map<std::string, std::string>& query) {
  SensorAsk ask;
  const auto get = [&](const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
  };
  ask.find = get("find").substr(0, SensorAsk::most_find_bytes);
  if (const auto state = get("state"); rank_of(state) < worst_first.size()) ask.state = state;
  const auto page = get("page");
  std::uint32_t number = 0;
  if (const auto read = std::from_chars(page.data(), page.data() + page.size(), number);
      read.ec == std::errc() && read.ptr == page.data() + page.size() && number > 0)
    ask.page = number;
  return ask;
}

std::string address_of(const SensorAsk& ask) {
  std::string query;
  const auto add = [&](const std::string& name, const std::string& value) {
    query += (query.empty() ? "?" : "&") + name + "=" + encode_query(value);
  };
  if (!ask.find.empty()) add("find", ask.find);
  if (!ask.state.empty()) add("state", ask.state);
  if (ask.page > 1) add("page", std::to_string(ask.page));
  return "/" + query;
}

SensorList list_sensors(const std::vector<SensorStatus>& sensors, std::int64_t now_ns, const SensorAsk& ask) {
  SensorList list;
  for (const auto& sensor : sensors) {
    auto state = sensor_state(sensor, now_ns);
    ++list.states[state];
    if ((ask.state.empty() || ask.state == state) && matches(sensor, ask.find))
      list.rows.push_back({&sensor, std::move(state)});
  }
  list.found = list.rows.size();
  list.pages = std::max<std::size_t>(1, (list.found + SensorList::page_rows - 1) / SensorList::page_rows);
  list.page = std::clamp<std::size_t>(ask.page, 1, list.pages);
  std::ranges::sort(list.rows, [](const auto& a, const auto& b) {
    return std::pair(rank_of(a.state), std::string_view(a.sensor->id)) <
           std::pair(rank_of(b.state), std::string_view(b.sensor->id));
  });
  const auto from = (list.page - 1) * SensorList::page_rows;
  list.rows.erase(list.rows.begin(), list.rows.begin() + static_cast<std::ptrdiff_t>(from));
  if (list.rows.size() > SensorList::page_rows) list.rows.resize(SensorList::page_rows);
  list.first = list.rows.empty() ? 0 : from + 1;
  return list;
}

}  // namespace weather::gateway
