#include "bridge/thinning/thinned_reader.hpp"

#include <utility>

#include "bridge/thinning/change_reader.hpp"
#include "bridge/thinning/summary_reader.hpp"

namespace weather::bridge {

std::unique_ptr<ThinnedReader> thinned(const RouteOptions& route, log::Log& log, log::Clock& clock,
                                       log::Sequence from) {
  if (route.thinning.summarises()) return std::make_unique<SummaryReader>(route, log, clock, from);
  return std::make_unique<ChangeReader>(route, log.reader(from));
}

}  // namespace weather::bridge
