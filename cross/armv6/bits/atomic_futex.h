// Debian's libstdc++ of armel is compiled for ARMv5, where this header has a mutex in std::future; for ARMv6 it would
// take the futex, whose functions that library has not. The library's way is the one that counts.
#undef _GLIBCXX_HAVE_LINUX_FUTEX
#include_next <bits/atomic_futex.h>
#define _GLIBCXX_HAVE_LINUX_FUTEX 1
