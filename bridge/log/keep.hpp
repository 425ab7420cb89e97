// For what still needs old records of a log although every cursor has passed them. Any thread.
#pragma once

#include <functional>

#include "bridge/log/log.hpp"

namespace weather::log {

// What every cursor has passed is not reclaimed from this record on, as long as there is room otherwise. Not
// kept over a restart; the largest Sequence, as after open: nothing is held back.
void keep_from(Log& log, Sequence first);

// Who remembers something only by the log's records is told before they leave, delivered or dropped: `first`
// is what the log will begin with. On the log thread, which waits for it: it may read the log, and must
// neither append nor wait for what is durable. One of a log; empty: nobody, and who was told is so no more
// when this returns.
void before_leaving(Log& log, std::function<void(Sequence first)> told);

}  // namespace weather::log
