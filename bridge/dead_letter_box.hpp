// The forwarder's side of the dead letter store: opened with the first letter, calls back on the io thread
// when a letter is safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bridge/dead_letters.hpp"
#include "bridge/ports.hpp"

namespace weather::bridge {

// The scheduler's thread only.
class DeadLetterBox {
 public:
  // opener: called once the store is needed.
  using Opener = decltype(Ports::dead_letters);
  DeadLetterBox(Scheduler& scheduler, Opener opener);
  ~DeadLetterBox();

  // done is called on the io thread once the letter is durable. An error: nothing was stored.
  log::Result<void> add(const DeadLetter& letter, std::function<void()> done);
  // The store, opened if need be, for list, show, settle. make false: Errc::not_found if there is none.
  log::Result<DeadLetters*> store(bool make = true);

 private:
  struct Shared;
  Scheduler& scheduler_;
  std::shared_ptr<Shared> shared_;
  Opener opener_;
  std::unique_ptr<DeadLetters> store_;
};

}  // namespace weather::bridge
