// What the readings of one sensor say together: their quantities, folded one reading after another. Pure; one
// thread.
//
//  - Of what is measured at a moment, or a mean already, the statistics that are asked for.
//  - What is a maximum, minimum or sum of its own period already stays that: the largest, the smallest, the
//    sum. Of a counter and of what is no number the last one counts.
//  - A direction of wind is averaged as a vector, as long as the wind speed of its own reading, or 1 where
//  that
//    says none; a calm has no direction. Its minimum and maximum would mean nothing.
//  - What is known to be wrong or missing does not take part, and what is doubtful makes the summary
//  doubtful.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bridge/options/options.hpp"
#include "sensors/reading/direction.hpp"
#include "sensors/reading/view.hpp"

namespace weather::bridge {

class QuantityFold {
 public:
  void add(const sensors::ReadingView& reading);
  std::uint64_t readings() const { return readings_; }
  // Of the statistics asked for, in their order; a mean with 7 significant digits. False: no reading had a
  // value of anything.
  bool write(std::span<const Statistic> statistics, std::uint32_t period_s, v1::Reading& to) const;

 private:
  // How a quantity came in, which says what becomes of it.
  enum class Kind : std::uint8_t { level, direction, max, min, sum, last };
  struct Column {
    std::string name, part, unit;
    Kind kind;
    v1::Stat stat;
    std::uint64_t count = 0;
    double least = 0, most = 0, sum = 0, last = 0;
    sensors::MeanDirection direction;
    std::variant<double, std::int64_t, bool, std::string> value;  // as it came last
    bool doubtful = false;
  };

  static Kind kind_of(const sensors::QuantityView& quantity, bool number);
  // like: a column, or a quantity.
  template <class Like>
  const Column* find(const Like& like, Kind kind) const;
  Column& column(const sensors::QuantityView& quantity, Kind kind);
  void put(const Column& column, Statistic statistic, std::uint32_t period_s, v1::Reading& to) const;
  void put_as_it_came(const Column& column, std::span<const Statistic> statistics, std::uint32_t period_s,
                      v1::Reading& to) const;

  std::vector<Column> columns_;
  std::uint64_t readings_ = 0;
};

}  // namespace weather::bridge
