// What operator new has given out and not got back, for tests of what is counted against the budget. Include
// it in the one source file of a program of its own; one thread.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace weather::testing_memory {
inline std::size_t allocated = 0, most_allocated = 0;
}

// Not inlined: the compiler would see malloc on one side and operator delete on the other.
[[gnu::noinline]] void* operator new(std::size_t size) {
  using namespace weather::testing_memory;
  void* const made = std::malloc(size);
  if (made == nullptr) throw std::bad_alloc();
  allocated += malloc_usable_size(made);
  most_allocated = std::max(most_allocated, allocated);
  return made;
}
[[gnu::noinline]] void operator delete(void* what) noexcept {
  weather::testing_memory::allocated -= malloc_usable_size(what);
  std::free(what);
}
[[gnu::noinline]] void operator delete(void* what, std::size_t) noexcept {
  operator delete(what);
}
