// The page of one sensor and its charts.
//
//   GET /sensor?id=X[&range=week]                    the page, complete without JavaScript
//   GET /chart.svg?id=X&quantity=Q[&range=week][&theme=dark]   one chart, to be shown elsewhere
#pragma once

#include "gateway/app/app.hpp"
#include "gateway/http/router.hpp"

namespace weather::gateway {

// On the io thread. The app must outlive the router.
void add_sensor_pages(Router& router, App& app);

}  // namespace weather::gateway
