// Renaming and ignoring sensors from the page.
//
//   POST /sensor   id=X&act=rename&name=Y | act=ignore | act=hear
//
// Only with a login, and only from the page itself. What is said is written to data_dir/names.toml and the
// configuration is read again; where that is refused, the file is as it was.
#pragma once

#include "gateway/app/app.hpp"
#include "gateway/http/router.hpp"

namespace weather::gateway {

// On the io thread. The app must outlive the router.
void add_naming(Router& router, App& app);

}  // namespace weather::gateway
