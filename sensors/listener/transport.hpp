// A byte stream to one client, plain or TLS, for the io thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace weather::sensors::listener {

// Called when an operation has ended. An operation keeps its user alive.
class TransportUser {
 public:
  virtual ~TransportUser() = default;
  // The stream can be used; certificate_name is the client certificate's common name, or empty.
  virtual void on_ready(bool ok, const std::string& certificate_name) = 0;
  virtual void on_read(bool ok, std::size_t count) = 0;
  virtual void on_written(bool ok) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual void start(std::shared_ptr<TransportUser> user) = 0;                               // -> on_ready
  virtual void read(char* into, std::size_t size, std::shared_ptr<TransportUser> user) = 0;  // -> on_read
  // Writes what can be written at once and returns how much that was.
  virtual std::size_t write_some(std::string_view bytes) = 0;
  // The bytes must live until on_written; one write at a time.
  virtual void write(std::string_view bytes, std::shared_ptr<TransportUser> user) = 0;
  virtual void finish() = 0;  // nothing more will be written
  virtual void close() = 0;   // operations under way end with ok = false
};

}  // namespace weather::sensors::listener
