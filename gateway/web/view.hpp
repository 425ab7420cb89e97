// What the page shows, ready to be read: words and numbers with their units, made once for the page as the
// server writes it and for the script that keeps it current. Pure.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "gateway/status/status.hpp"
#include "gateway/web/sensor_list.hpp"

namespace weather::gateway {

// A state as people see it, and the class that colours it.
struct StateWords {
  const char *text, *class_name;
};
StateWords state_words(const std::string& state);

struct SensorRow {
  std::string id, state, state_class, value, age;
  std::string points, label;  // of the sparkline in a field of 120 x 24; empty: nothing to draw
  std::string address;        // of the sensor's own page
  std::string scale;          // of the sparkline: "temperature 12.1 to 14.9 °C"
  // What makes a row worth sending again; its age is sent with every view.
  bool same_but_age(const SensorRow& other) const {
    return id == other.id && state == other.state && value == other.value && points == other.points &&
           label == other.label && scale == other.scale;
  }
};

struct View {
  using Row = std::vector<std::string>;

  std::map<std::string, std::string> texts, classes, labels;  // by element; labels are for screen readers
  std::vector<Row> routes, brokers, sources;                  // cells; the first names the row
  std::vector<std::array<std::string, 3>> events;             // time, level, text; newest first
  std::vector<SensorRow> sensors;                             // worst first, those of one page
  std::vector<std::array<std::string, 2>> pager;    // other pages: text and address; none where there is one
  std::vector<std::array<std::string, 2>> ignored;  // sensors and their pages
  SensorAsk ask;
};

View make_view(const Status& status, const std::vector<SensorStatus>& sensors, const SensorAsk& ask = {});

// As JSON for the script. Beside `before` only what changed; null: everything.
std::string view_json(const View& view, const View* before);

}  // namespace weather::gateway
