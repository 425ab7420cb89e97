// Format "campbell": tables of Campbell Scientific loggers in JSON, as MQTTPublishTable(), the logger's web
// server and LoggerNet send them. Pure; one thread at a time.
//
// CSIJSON (LoggerNet manual, appendix B):
//   {"head":{"transaction":0,"signature":38611,"environment":{"station_name":"roof","table_name":"Hourly",
//      "model":"CR1000X","serial_no":"1234","os_version":"CR1000X.Std.05","prog_name":"CPU:p.CR1X"},
//      "fields":[{"name":"AirTC_Avg","type":"xsd:float","units":"Deg C","process":"Avg","settable":false}]},
//    "data":[{"time":"2024-10-03T19:42:00","no":17,"vals":[21.4]}]}
// GeoJSON (https://help.campbellsci.com/datalogger-api/mqtt/json_data_formats.html):
//   {"type":"Feature","geometry":{"type":"Point","coordinates":[28.32,-15.41,1280]},
//    "properties":{"loggerID":"CR1000X_34769","observationNames":["RH","Rain_mm_Tot"],
//      "observations":{"2023-04-28T15:32:00Z":[54.8,0]}}}
//
// Each record is a reading. Names and units mean what they mean in a TOA5 file. The sensor id is
// campbell:STATION:TABLE, of GeoJSON campbell:LOGGERID. CSIJSON's times have no zone: `zone` says it; without
// one the arrival counts for a single record, and of several none could be distinguished from the others.
#pragma once

#include <optional>
#include <vector>

#include "sensors/csv/csv_time.hpp"
#include "sensors/mapping/rules.hpp"
#include "sensors/sink.hpp"

namespace weather::sensors {

class CampbellDecoder {
 public:
  explicit CampbellDecoder(CsvTimeFormat time);

  // Errors beside those of JsonDocument: "not_campbell", "campbell_columns" (not as many values as names),
  // "campbell_time", "no_sensor_id", "no_quantity", "too_many".
  Decoded decode(const Message& message) const;

 private:
  const CsvTimeFormat time_;
  const std::vector<FieldRule> rules_;
};

}  // namespace weather::sensors
