#include "gateway/http/message.hpp"

#include <algorithm>

#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

}  // namespace

bool HttpStream::push(std::string chunk) {
  if (closed_) return false;
  if (waiting_.size() + chunk.size() > most_waiting) {
    close();  // a reader this slow would have to be sent everything anew anyway
    return false;
  }
  waiting_ += chunk;
  if (wake_) wake_();
  return true;
}

void HttpStream::close() {
  closed_ = true;
  if (wake_) wake_();
}

bool push_to(const std::weak_ptr<HttpStream>& reader, const std::string& chunk) {
  const auto stream = reader.lock();
  return stream && stream->push(chunk);
}

HttpResponse json_response(std::string body, unsigned status) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = sensors::printable_json(body);
  response.body += '\n';
  return response;
}

HttpResponse text_response(unsigned status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(text);
  response.body += '\n';
  return response;
}

std::string encode_query(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (plain.find(c) != std::string_view::npos)
      result += c;
    else
      result.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
  return result;
}

void split_target(std::string_view target, HttpRequest& request) {
  const auto question = std::min(target.find('?'), target.size());
  request.path = decode(target.substr(0, question));
  auto rest = target.substr(std::min(question + 1, target.size()));
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto pair = rest.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    request.query[decode(pair.substr(0, equals))] = decode(pair.substr(std::min(equals + 1, pair.size())));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace weather::gateway
