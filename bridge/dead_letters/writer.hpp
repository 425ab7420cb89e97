// The forwarder's side of the dead letter store: opened with the first dead_letter, calls back on the io
// thread when a dead_letter is safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bridge/core/ports.hpp"
#include "bridge/dead_letters/store.hpp"

namespace weather::bridge {

// The scheduler's thread only.
class DeadLetterWriter {
 public:
  // opener: called once the store is needed.
  using Opener = decltype(Ports::dead_letters);
  DeadLetterWriter(Scheduler& scheduler, Opener opener);
  ~DeadLetterWriter();

  // done is called on the io thread once the dead_letter is durable. An error: nothing was stored.
  log::Result<void> add(const DeadLetter& dead_letter, std::function<void()> done);
  // After Errc::full: what was taken is being written, and room comes with it.
  bool catching_up() const;
  // The store, opened if need be, for list, show, settle. make false: Errc::not_found if there is none.
  log::Result<DeadLetters*> store(bool make = true);
  // Why letters that were added do not become durable; empty: they do, or there are none.
  std::string trouble() const;

 private:
  struct Shared;
  Scheduler& scheduler_;
  std::shared_ptr<Shared> shared_;
  Opener opener_;
  std::unique_ptr<DeadLetters> store_;
};

}  // namespace weather::bridge
