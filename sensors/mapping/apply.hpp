// One mapping on one message: what decode and explain have in common. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sensors/mapping/mapping.hpp"

namespace weather::sensors {

enum class TopicMatch { no, yes, ignored };
TopicMatch match_topic(const Mapping& mapping, std::string_view topic, Captures& captures);

struct Mapped {
  std::vector<Reading> readings;  // with at least one quantity each
  bool ignored = false;           // a condition of the mapping does not hold: not an error
  bool not_its_form = false;      // with error: another mapping of this topic may read it
  std::optional<DecodeError> error;
  std::vector<Leaf> leaves;
  std::vector<Fate> fates;  // of the leaves; empty if it did not come so far
  std::vector<Note> notes;  // with_notes only, as the next two
  std::string time_note;
  std::string ignored_note;
  std::uint64_t repeat_key = 0;  // hash of the field the mapping names; 0: none
};

// A payload without anything in it: a retained topic that was cleared.
bool is_blank(std::string_view payload);

Mapped apply_mapping(const Mapping& mapping, const Message& message, const Captures& captures,
                     bool with_notes);

}  // namespace weather::sensors
