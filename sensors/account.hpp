// What became of each field of one message: for `weather-gateway check` and for the test that nothing
// vanishes. A decoder writes into the account of its Message if it has one; in production there is none, and
// nothing is done. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weather::sensors {

// The words of `check --json` are those of became_text().
enum class Became : std::uint8_t {
  quantity,  // a value, or an explicit null of it
  status,    // battery, signal, place, model, a sensor's own counter
  identity,  // of the key, the labels or the headers
  time,
  unit,     // it says the unit or the name of another field
  same,     // a quantity that is there already, in another form
  kept,     // a member as it came
  dropped,  // left out on purpose: a drop_reason, all of them listed in docs/sensors.md
};

constexpr const char* became_text(Became became) {
  switch (became) {
    case Became::quantity:
      return "quantity";
    case Became::status:
      return "status";
    case Became::identity:
      return "identity";
    case Became::time:
      return "time";
    case Became::unit:
      return "unit";
    case Became::same:
      return "same";
    case Became::kept:
      return "kept";
    case Became::dropped:
      return "dropped";
  }
  return "";
}

// Why a field is left out on purpose. Nothing else is.
namespace drop_reason {
inline constexpr const char* rule = "as a rule says";
inline constexpr const char* secret = "a secret";
inline constexpr const char* network = "the network's own bookkeeping";
inline constexpr const char* decoded = "the bytes that the fields were decoded from";
inline constexpr const char* control = "housekeeping of the protocol";
inline constexpr const char* absent = "says that there is no such sensor";
}  // namespace drop_reason

// One leaf: a JSON pointer, the name of a form's field, "field 3" of a sentence, the name of a metric.
struct LeafAccount {
  std::string path;
  Became became = Became::kept;
  std::string what;  // "air_temperature", "temperature_raw", why it is dropped
};

struct Account {
  std::vector<LeafAccount> leaves;

  void add(std::string path, Became became, std::string what = {}) {
    leaves.push_back({std::move(path), became, std::move(what)});
  }
};

}  // namespace weather::sensors
