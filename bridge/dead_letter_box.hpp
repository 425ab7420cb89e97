// The forwarder's side of the dead letter store: opened with the first letter, calls back on the io thread
// when a letter is safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bridge/dead_letters.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::bridge {

// Io thread only.
class DeadLetterBox {
 public:
  // opener: how to open the store; called once it is needed.
  using Opener = std::function<log::Result<std::unique_ptr<DeadLetters>>()>;
  DeadLetterBox(boost::asio::io_context& io, Opener opener);
  ~DeadLetterBox();

  // done is called on the io thread once the letter is durable. An error: nothing was stored.
  log::Result<void> add(const DeadLetter& letter, std::function<void()> done);
  // The store, opened if need be, for list, show, settle.
  log::Result<DeadLetters*> store();
  bool is_open() const { return store_ != nullptr; }

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  Opener opener_;
  std::unique_ptr<DeadLetters> store_;
};

}  // namespace weather::bridge
