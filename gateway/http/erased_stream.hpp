// An AsyncReadStream and AsyncWriteStream of Asio behind two virtual functions. Beast and TLS make new code
// for every kind of stream and every kind of handler; over this one they make it once.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

namespace weather::gateway {

// Any handler of a read or a write; called once.
class TransferHandler {
 public:
  template <class Handler>
  explicit TransferHandler(Handler handler) : call_(std::make_unique<CallOf<Handler>>(std::move(handler))) {}
  void operator()(boost::system::error_code error, std::size_t bytes) {
    const auto call = std::move(call_);
    call->run(error, bytes);
  }

 private:
  struct Call {
    virtual ~Call() = default;
    virtual void run(boost::system::error_code error, std::size_t bytes) = 0;
  };
  template <class Handler>
  struct CallOf final : Call {
    explicit CallOf(Handler given) : handler(std::move(given)) {}
    void run(boost::system::error_code error, std::size_t bytes) override {
      auto moved = std::move(handler);
      std::move(moved)(error, bytes);
    }
    Handler handler;
  };
  std::unique_ptr<Call> call_;
};

// The first few buffers of a sequence: reads and writes of "some" may leave the rest.
template <class Buffer>
class FewBuffers {
 public:
  template <class Sequence>
  explicit FewBuffers(const Sequence& sequence) {
    const auto end = boost::asio::buffer_sequence_end(sequence);
    for (auto i = boost::asio::buffer_sequence_begin(sequence); i != end && count_ < all_.size(); ++i)
      if (const Buffer buffer(*i); buffer.size() != 0) all_[count_++] = buffer;
  }
  const Buffer* begin() const { return all_.data(); }
  const Buffer* end() const { return all_.data() + count_; }

 private:
  std::array<Buffer, 8> all_{};
  std::size_t count_ = 0;
};

class ErasedStream {
 public:
  using executor_type = boost::asio::any_io_executor;
  using lowest_layer_type = ErasedStream;  // TLS asks for it
  using Into = FewBuffers<boost::asio::mutable_buffer>;
  using From = FewBuffers<boost::asio::const_buffer>;

  explicit ErasedStream(executor_type executor) : executor_(std::move(executor)) {}
  virtual ~ErasedStream() = default;
  ErasedStream(const ErasedStream&) = delete;
  ErasedStream& operator=(const ErasedStream&) = delete;

  virtual void read_some(const Into& buffers, TransferHandler handler) = 0;
  virtual void write_some(const From& buffers, TransferHandler handler) = 0;

  executor_type get_executor() const { return executor_; }
  lowest_layer_type& lowest_layer() { return *this; }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Into& into) { read_some(into, TransferHandler(std::move(handler))); },
        token, Into(buffers));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const From& from) { write_some(from, TransferHandler(std::move(handler))); },
        token, From(buffers));
  }

 private:
  const executor_type executor_;
};

}  // namespace weather::gateway
