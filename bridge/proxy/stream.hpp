// The connection to a proxy, encrypted or not. Never blocks. One thread.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "bridge/proxy/wait.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace weather::proxy {

class Stream {
 public:
  explicit Stream(Descriptor socket);
  ~Stream();
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) = delete;
  Stream(const Stream&) = delete;

  // From here on encrypted. The error names what is wrong; without a text, a wait was ended.
  tl::expected<void, std::string> encrypt(const std::string& host, const std::string& ca_file, Time deadline,
                                          const Ends& ends);

  enum class Result : std::uint8_t { done, not_now, over };
  // done: `count` bytes of them. not_now: wait for wanted_to_read() or wanted_to_write().
  Result read(char* bytes, std::size_t size, std::size_t& count);
  Result write(const char* bytes, std::size_t size, std::size_t& count);
  void end_writing();  // what was written still goes out

  int fd() const { return socket_.get(); }
  short wanted_to_read() const { return wanted_to_read_; }  // of poll()
  short wanted_to_write() const { return wanted_to_write_; }

 private:
  struct Free {
    void operator()(ssl_st* stream) const;
    void operator()(ssl_ctx_st* context) const;
  };
  Result result(int code, short& wanted) const;

  Descriptor socket_;
  std::unique_ptr<ssl_ctx_st, Free> context_;
  std::unique_ptr<ssl_st, Free> tls_;
  short wanted_to_read_, wanted_to_write_;
};

}  // namespace weather::proxy
