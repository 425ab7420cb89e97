// Quality control of readings: flags, never deletions. Pure; one thread at a time.
//
// In this order (the idea of WMO-No. 8: check at the station, flag, do not delete):
//   sentinel     a number that means "no sensor"                        QC_SENTINEL     missing
//   range        outside what can be                                    QC_RANGE        erroneous
//   step         changed faster than nature does                        QC_STEP         doubtful
//   persistence  the same value for too long                            QC_PERSISTENCE  doubtful
//   consistency  gust below the mean wind, dew point above temperature  QC_CONSISTENCY  doubtful
// What was checked and has no flag is good. A flag that the decoder set (unit suspect) stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "sensors/quality/limits.hpp"
#include "sensors/reading/reading.pb.h"

namespace weather::sensors {

class QualityChecks {
 public:
  explicit QualityChecks(QualityOptions options, std::size_t max_series = 8192);

  // The reading's event time is the time of its values; without one, received_ns. Retained and historical
  // readings are checked, but the next is not compared with them.
  void apply(v1::Reading& reading, std::int64_t received_ns);

 private:
  struct Series {
    double last = 0;
    std::int64_t last_ns = 0, same_since_ns = 0;
  };
  std::uint32_t check(const v1::Reading& reading, const v1::Quantity& quantity, const QuantityLimits& limits,
                      double value, std::int64_t time_ns);
  std::uint32_t compare(Series& series, const QuantityLimits& limits, double value,
                        std::int64_t time_ns) const;

  const QualityOptions options_;
  const std::size_t max_series_;
  std::unordered_map<std::string, Series> series_;  // by sensor, name and part
};

}  // namespace weather::sensors
