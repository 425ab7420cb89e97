// A record of JSON whose fields a manufacturer documents, as a reading under construction: what is known
// becomes a quantity, everything else stays in extra_json, and the account has each value. Pure.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "sensors/account.hpp"
#include "sensors/decoders/station_fields.hpp"
#include "sensors/reading/json_text.hpp"
#include "sensors/reading/reading.pb.h"
#include "sensors/sink.hpp"

namespace weather::sensors {

// A value of the payload, and where it stands.
struct JsonPlace {
  std::string_view name;  // what the source's document calls it
  const boost::json::value& value;
  std::string path;  // JSON pointer
};

class JsonRecord {
 public:
  JsonRecord(const Message& message, std::string_view adapter, const std::string& sensor_id);

  Reading& reading() { return reading_; }

  // A number in the field's unit, or in what the source's `units` say: the field's quantity. `per_unit` of
  // what was sent make one in the field's unit, and the message itself said so. A second one of the same
  // quantity, a text, a list: kept as it came, unless it says the same.
  void add(const StationField& field, const JsonPlace& place, double per_unit = 0);
  // A number that stands for "no value".
  void add_missing(const StationField& field, const JsonPlace& place, double sentinel);
  void keep(const JsonPlace& place);
  // Nothing is to be done with it, or it has been done.
  void became(const JsonPlace& place, Became became, std::string_view what = {}) const;

  Reading take();

 private:
  const Message& message_;
  Reading reading_;
  JsonMembers extra_;
};

// The text of a member that can name something: a scalar that is no boolean, without blanks around it.
std::string name_of(const boost::json::value* value);

}  // namespace weather::sensors
