// The terminal: keys one by one, a screen drawn in place. Everything is put back at the
// end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace weather::gateway {

std::size_t terminal_width();  // of standard output; 80 where it is unknown

class Terminal {
 public:
  // stdin and stdout must be terminals. `key` is called on the io thread.
  Terminal(boost::asio::io_context& io, std::function<void(char)> key);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  static bool available();
  std::size_t width() const;
  std::size_t height() const;
  void draw(const std::vector<std::string>& lines);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weather::gateway
