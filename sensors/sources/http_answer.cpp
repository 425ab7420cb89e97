#include "sensors/sources/http_answer.hpp"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace weather::sensors {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::uint32_t most_header_bytes = 8U << 10;
// Heads of chunks have no bound of their own.
constexpr std::size_t most_unparsed_bytes = 16U << 10;

std::string parse_fault(const boost::system::error_code& error, std::size_t most_body_bytes) {
  if (error == beast_http::error::body_limit)
    return "its answer is larger than the " + std::to_string(most_body_bytes >> 10U) + " KiB that are read";
  if (error == beast_http::error::header_limit)
    return "the head of its answer is larger than the " + std::to_string(most_header_bytes >> 10U) +
           " KiB that are read";
  if (error == beast_http::error::partial_message || error == beast_http::error::end_of_stream)
    return "it closed the connection before its answer was whole";
  return "what it answers is no HTTP (" + error.message() + ")";
}

}  // namespace

struct HttpAnswerReader::Impl {
  explicit Impl(std::size_t most) : most_body_bytes(most) {
    parser.eager(true);
    parser.header_limit(most_header_bytes);
    parser.body_limit(most);
  }

  tl::expected<bool, std::string> result(const boost::system::error_code& error) const {
    if (error && error != beast_http::error::need_more)
      return tl::unexpected(parse_fault(error, most_body_bytes));
    return parser.is_done();
  }

  const std::size_t most_body_bytes;
  beast_http::response_parser<beast_http::string_body> parser;
  std::string unparsed;
};

HttpAnswerReader::HttpAnswerReader(std::size_t most_body_bytes)
    : impl_(std::make_unique<Impl>(most_body_bytes)) {}
HttpAnswerReader::HttpAnswerReader(HttpAnswerReader&&) noexcept = default;
HttpAnswerReader& HttpAnswerReader::operator=(HttpAnswerReader&&) noexcept = default;
HttpAnswerReader::~HttpAnswerReader() = default;

tl::expected<bool, std::string> HttpAnswerReader::feed(std::string_view bytes) {
  auto& unparsed = impl_->unparsed;
  unparsed += bytes;
  boost::system::error_code error;
  while (!error && !unparsed.empty() && !impl_->parser.is_done()) {
    const auto used = impl_->parser.put(boost::asio::buffer(unparsed), error);
    unparsed.erase(0, used);
    if (used == 0) break;
  }
  if (unparsed.size() > most_unparsed_bytes && (!error || error == beast_http::error::need_more))
    error = beast_http::error::bad_chunk;
  return impl_->result(error);
}

tl::expected<bool, std::string> HttpAnswerReader::end() {
  boost::system::error_code error;
  if (impl_->parser.got_some())
    impl_->parser.put_eof(error);
  else
    error = beast_http::error::end_of_stream;
  return impl_->result(error);
}

HttpAnswer HttpAnswerReader::take() {
  auto message = impl_->parser.release();
  return {message.result_int(), std::move(message.body()), std::string(message[beast_http::field::location])};
}

}  // namespace weather::sensors
