// The sources the configuration asks for, behind one face: start, stop, status.
#pragma once

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bridge/log/log.hpp"
#include "gateway/config/config.hpp"
#include "gateway/status/status.hpp"
#include "sensors/budget/memory_budget.hpp"
#include "sensors/exchanges.hpp"
#include "sensors/file_position.hpp"
#include "sensors/sink.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

class RelayIntake;

// What keeps the gateway from starting, and the exit code that says so.
class StartError : public std::runtime_error {
 public:
  StartError(int exit_code, const std::string& text) : std::runtime_error(text), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

// All functions on the io thread.
class Source {
 public:
  virtual ~Source() = default;
  virtual void start() = 0;  // returns at once; whatever it talks to may be away
  // Nothing comes any more once the future is ready (or at once, if there is none): at most 2 s.
  virtual std::future<void> stop() = 0;
  // The files it was given have new contents: takes them without a break, if it can.
  virtual bool read_files_again() { return false; }
  // What its machine lacks before it can listen, in words; empty: nothing.
  virtual std::string missing() const { return {}; }
  virtual SourceStatus status() const = 0;  // without counters: those are ingest's
};

// Throws StartError for what a look at the files shows: an unreadable password file, an unknown format.
std::vector<std::unique_ptr<Source>> make_sources(const Config& config, const std::string& gateway_id,
                                                  boost::asio::io_context& io, sensors::Sink& sink,
                                                  log::Log& log, sensors::ExchangeKeeper& exchanges,
                                                  sensors::PositionKeeper& positions, RelayIntake& relay,
                                                  sensors::MemoryBudget& memory);

}  // namespace weather::gateway
