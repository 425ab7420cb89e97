// For what still needs old records of a log although every cursor has passed them. Any thread.
#pragma once

#include <functional>

#include "bridge/log/log.hpp"

namespace weather::log {

// What every cursor has passed is not reclaimed from this record on, as long as there is room otherwise. Not
// kept over a restart; the largest Sequence, as after open: nothing is held back.
void keep_from(Log& log, Sequence first);

// For what is remembered by the log's records alone: called before records leave, delivered or dropped, with
// the first that stays. On the log thread, which waits for it: it may read the log, and must neither append
// nor wait for what is durable. One callback of a log; empty: none, and an earlier one is called no more when
// this returns.
void before_leaving(Log& log, std::function<void(Sequence first)> callback);

}  // namespace weather::log
