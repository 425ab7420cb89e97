// What a field says about the device instead of the weather: battery, signal, place, model. Pure; any thread.
#pragma once

#include <string_view>

#include "sensors/mapping/names.hpp"
#include "sensors/mapping/rules.hpp"
#include "sensors/reading/meaning.hpp"

namespace weather::sensors {

Target target_of(NameKind kind);

// unit: by the field's name, before the rule's. False: the value is nothing that this target can use.
bool set_about(const FieldRule& rule, Target target, std::string_view unit, const Value& value,
               v1::Reading& reading);

}  // namespace weather::sensors
