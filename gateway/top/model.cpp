#include "gateway/top/model.hpp"

#include <algorithm>
#include <utility>

#include "gateway/status/value_text.hpp"
#include "gateway/top/lines.hpp"
#include "sensors/reading/letters.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t columns_a_step = 10;

// The worst first.
int badness(std::string_view state) {
  return state == "rejecting" ? 0 : state == "silent" ? 1 : state == "late" ? 2 : 3;
}

void drop_character(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
  if (!text.empty()) text.pop_back();
}

}  // namespace

void TopModel::look(json::value status, json::value sensors) {
  status_ = std::move(status);
  sensors_ = std::move(sensors);
  missed_.clear();
}

void TopModel::miss(std::string why) {
  missed_ = std::move(why);
}

TopModel::Action TopModel::scroll(std::ptrdiff_t rows) {
  const auto wanted = static_cast<std::ptrdiff_t>(first_) + rows;
  first_ = static_cast<std::size_t>(
      std::clamp<std::ptrdiff_t>(wanted, 0, static_cast<std::ptrdiff_t>(last_first_)));
  return Action::draw;
}

TopModel::Action TopModel::press(const Key& key) {
  if (key.name == KeyName::interrupt) return Action::quit;
  if (typing_) return press_in_filter(key);
  if (help_) {
    help_ = false;  // any key ends it
    return key == Key{KeyName::text, "q"} ? Action::quit : Action::draw;
  }
  const auto page = static_cast<std::ptrdiff_t>(page_);
  switch (key.name) {
    case KeyName::up:
      return scroll(-1);
    case KeyName::down:
      return scroll(1);
    case KeyName::page_up:
      return scroll(-page);
    case KeyName::page_down:
      return scroll(page);
    case KeyName::home:
      return scroll(-static_cast<std::ptrdiff_t>(first_));
    case KeyName::end:
      return scroll(static_cast<std::ptrdiff_t>(last_first_));
    case KeyName::left:
      left_ -= std::min(left_, columns_a_step);
      return Action::draw;
    case KeyName::right:
      left_ += columns_a_step;
      return Action::draw;
    case KeyName::escape:
      if (filter_.empty()) return Action::none;
      filter_.clear();
      first_ = 0;
      return Action::draw;
    case KeyName::text:
      return key.text.size() == 1 ? press_letter(key.text.front()) : Action::none;
    default:
      return Action::none;
  }
}

TopModel::Action TopModel::press_letter(char letter) {
  const auto page = static_cast<std::ptrdiff_t>(page_);
  switch (letter) {
    case 'q':
      return Action::quit;
    case 'k':
      return scroll(-1);
    case 'j':
      return scroll(1);
    case 'b':
      return scroll(-page);
    case ' ':
      return scroll(page);
    case 'g':
      return scroll(-static_cast<std::ptrdiff_t>(first_));
    case 'G':
      return scroll(static_cast<std::ptrdiff_t>(last_first_));
    case 's':
      sort_ = sort_ == TopSort::source ? TopSort::state : static_cast<TopSort>(static_cast<int>(sort_) + 1);
      first_ = 0;
      return Action::draw;
    case 'r':
      reversed_ = !reversed_;
      first_ = 0;
      return Action::draw;
    case '/':
      typing_ = true;
      return Action::draw;
    case 'h':
    case '?':
      help_ = true;
      return Action::draw;
    default:
      return Action::none;
  }
}

TopModel::Action TopModel::press_in_filter(const Key& key) {
  first_ = 0;
  switch (key.name) {
    case KeyName::enter:
      typing_ = false;
      return Action::draw;
    case KeyName::escape:
      typing_ = false;
      filter_.clear();
      return Action::draw;
    case KeyName::backspace:
      drop_character(filter_);
      return Action::draw;
    case KeyName::text:
      filter_ += key.text;
      return Action::draw;
    default:
      return Action::none;
  }
}

bool TopModel::passes(const Row& row) const {
  if (filter_.empty()) return true;
  const auto wanted = sensors::lower(filter_);
  const auto has = [&wanted](const std::string& text) {
    return sensors::lower(text).find(wanted) != std::string::npos;
  };
  return has(row.id) || has(row.state) || has(row.source) || has(row.text) || has(row.trouble);
}

std::vector<TopModel::Row> TopModel::rows() const {
  std::vector<Row> rows;
  for (const auto& each : sensors_.at("sensors").as_array()) {
    const auto& sensor = each.as_object();
    auto text = value_text(sensor);
    if (const auto radio = radio_text(sensor); !radio.empty()) text += (text.empty() ? "" : ", ") + radio;
    Row row{text_of(each, "id"), text_of(each, "state"), text_of(each, "source"),
            std::move(text),     trouble_text(sensor),   number_of(each, "age_seconds")};
    if (passes(row)) rows.push_back(std::move(row));
  }
  const auto before = [this](const Row& a, const Row& b) {
    const int worse = badness(a.state) - badness(b.state);
    if (sort_ == TopSort::state && worse != 0) return worse < 0;
    if (sort_ == TopSort::age && a.age_s != b.age_s) return a.age_s > b.age_s;
    if (sort_ == TopSort::source && a.source != b.source) return a.source < b.source;
    return a.id < b.id;
  };
  std::sort(rows.begin(), rows.end(),
            [&](const Row& a, const Row& b) { return reversed_ ? before(b, a) : before(a, b); });
  return rows;
}

}  // namespace weather::gateway
