#include "sensors/reading/field_log.hpp"

namespace weather::sensors {

std::string_view word_for(Became became) {
  switch (became) {
    case Became::quantity:
      return "quantity";
    case Became::status:
      return "status";
    case Became::identity:
      return "identity";
    case Became::time:
      return "time";
    case Became::kept:
      return "kept";
    case Became::dropped:
      return "dropped";
    case Became::same:
      return "same";
    case Became::missing:
      return "missing";
  }
  return {};
}

}  // namespace weather::sensors
