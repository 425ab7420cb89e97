// What `weather-gateway top` shows and how keys change it: keys and answers of the gateway go in, the
// lines of a screen come out. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "gateway/output/keys.hpp"

namespace weather::gateway {

enum class TopSort : std::uint8_t { state, name, age, source };

struct TopScreen {
  std::size_t width = 80, height = 24;  // of the terminal
  bool colour = false;
  bool keys = true;  // false: there is no keyboard; everything is shown
};

class TopModel {
 public:
  enum class Action : std::uint8_t { none, draw, quit };

  // The answers to /api/v1/status and /api/v1/sensors.
  void look(boost::json::value status, boost::json::value sensors);
  // The gateway did not answer: what it said last stays, with why on top.
  void miss(std::string why);
  Action press(const Key& key);
  // Lines at most `width` columns wide, at most height - 1 of them, so that the terminal does not scroll.
  // Remembers how far one may scroll.
  std::vector<std::string> lines(const TopScreen& screen);

 private:
  struct Row {
    std::string id, state, source, text, trouble;
    double age_s = 0;
  };

  Action press_in_filter(const Key& key);
  Action press_letter(char letter);
  Action scroll(std::ptrdiff_t rows);
  std::vector<Row> rows() const;
  bool passes(const Row& row) const;
  void add_head(std::vector<std::string>& out, const TopScreen& screen) const;
  void add_places(std::vector<std::string>& out, const TopScreen& screen) const;
  void add_sensors(std::vector<std::string>& out, const TopScreen& screen);
  std::string row_line(const Row& row, const TopScreen& screen, std::size_t id_width) const;
  std::string foot(const TopScreen& screen) const;

  boost::json::value status_, sensors_;
  std::string missed_;
  TopSort sort_ = TopSort::state;
  bool reversed_ = false, help_ = false, typing_ = false;
  std::string filter_;
  std::size_t first_ = 0, left_ = 0;       // the first row and column of values that is seen
  std::size_t page_ = 1, last_first_ = 0;  // of the screen before
};

}  // namespace weather::gateway
