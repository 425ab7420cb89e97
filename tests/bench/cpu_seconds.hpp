// CPU time of this process, of all its threads, in user and kernel mode.
#pragma once

#include <sys/resource.h>

namespace weather::bench {

inline double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

}  // namespace weather::bench
