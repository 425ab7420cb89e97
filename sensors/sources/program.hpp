// Lines of a program of its own unit (rtl_433, a script that reads a sensor), over a socket of ours: the
// program's standard output, as systemd connects it. While the sink refuses nothing is read, and the
// program's write waits. All functions on the io thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "sensors/sink.hpp"

namespace boost::asio {
class io_context;
}

namespace weather::sensors {

struct ProgramOptions {
  static constexpr std::size_t most_connections = 4;  // an old one may still end while the next begins

  std::string name;              // of the source
  std::filesystem::path socket;  // made; a socket without a listener is replaced
  std::filesystem::path deaf;    // this file asks for a new start of the program
  std::chrono::milliseconds deaf_after{0};
  Decoder decode;
  std::function<void(const std::string&)> say = [](const std::string&) {};
};

struct ProgramStatus {
  std::size_t connections = 0;  // now
  std::uint64_t starts = 0;     // connections accepted
  std::uint64_t lines = 0;      // accepted by the sink
  std::uint64_t too_long = 0;   // longer than max_payload_bytes, kept marked with their beginning
  std::uint64_t deaf = 0;       // times it was to be started anew
};

class ProgramSource {
 public:
  // Makes the socket; throws std::runtime_error with a sentence.
  ProgramSource(boost::asio::io_context& io, ProgramOptions options, Sink& sink);
  ~ProgramSource();  // removes it
  ProgramSource(const ProgramSource&) = delete;
  ProgramSource& operator=(const ProgramSource&) = delete;

  void start();
  void stop();
  ProgramStatus status() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weather::sensors
