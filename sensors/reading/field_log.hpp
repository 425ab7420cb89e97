// What became of each field of a message: for `check --sample`, and for the tests that hold that nothing goes
// silently. A decoder that is given a log notes each scalar of its input once. Pure; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weather::sensors {

enum class Became : unsigned char {
  quantity,  // with its canonical unit, or with its own
  status,    // of the sensor: battery, signal
  identity,  // key, model, firmware, counter, unit of another field: says whose or in what
  time,      // the event's
  kept,      // in extra_json, under its own name or with "_raw"
  dropped,   // on purpose: a secret, radio noise. docs/sensors.md lists them
  same,      // the same quantity in another form, which is there already
  missing,   // the source says that it has no value
};
std::string_view word_for(Became became);

struct FieldNote {
  std::string field;  // as the source calls it; nested ones as a JSON pointer
  Became became = Became::kept;
  std::string text;  // what it is or why, for people; may be empty
};

class FieldLog {
 public:
  void note(std::string_view field, Became became, std::string_view text = {}) {
    notes_.push_back({std::string(field), became, std::string(text)});
  }
  const std::vector<FieldNote>& notes() const { return notes_; }

 private:
  std::vector<FieldNote> notes_;
};

inline void note(FieldLog* log, std::string_view field, Became became, std::string_view text = {}) {
  if (log != nullptr) log->note(field, became, text);
}

}  // namespace weather::sensors
