// For what still needs old records of a log although every cursor has passed them. Any thread.
#pragma once

#include "bridge/log/log.hpp"

namespace weather::log {

// What every cursor has passed is not reclaimed from this record on, as long as there is room otherwise. Not
// kept over a restart; the largest Sequence, as after open: nothing is held back.
void keep_from(Log& log, Sequence first);

}  // namespace weather::log
