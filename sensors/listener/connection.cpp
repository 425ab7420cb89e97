#include "sensors/listener/connection.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <openssl/rand.h>

namespace weather::sensors::listener {
namespace {

constexpr std::size_t first_buffer_bytes = 1024, usual_buffer_bytes = 64U << 10;
// How long a client may take to read our last words before the socket is closed on it.
constexpr std::chrono::seconds linger{2};

TimePoint clock_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

MqttConnection::MqttConnection(Hub& hub, std::unique_ptr<Transport> transport)
    : hub_(hub),
      transport_(std::move(transport)),
      session_(hub.options().limits, hub.clients(), *this, clock_now()),
      since_(clock_now()),
      allowance_(hub.options().max_messages_per_s),
      allowance_since_(since_) {}

void MqttConnection::start() {
  transport_->start(shared_from_this());
}

void MqttConnection::on_ready(bool ok, const std::string& certificate_name) {
  if (!ok) {
    if (!closed_) hub_.count_end("the TLS handshake failed");
    return close();
  }
  ready_ = true;
  certificate_name_ = certificate_name;
  read();
}

// --- in

void MqttConnection::read() {
  if (reading_ || closed_) return;
  make_room();
  reading_ = true;
  transport_->read(buffer_.data() + end_, buffer_.size() - end_, shared_from_this());
}

// The buffer grows while the client fills it, up to what one packet may need.
void MqttConnection::make_room() {
  if (begin_ == end_) begin_ = end_ = 0;
  const std::size_t untaken = end_ - begin_;
  if (buffer_.empty()) {
    buffer_.resize(first_buffer_bytes);
  } else if (end_ == buffer_.size()) {
    if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, untaken);
    begin_ = 0;
    end_ = untaken;
    const std::size_t most =
        std::max<std::size_t>(usual_buffer_bytes, hub_.options().limits.max_packet_bytes);
    if (buffer_.size() < usual_buffer_bytes || untaken == buffer_.size()) {
      buffer_.resize(std::min(most, buffer_.size() * 2));
    }
  }
}

void MqttConnection::on_read(bool ok, std::size_t count) {
  reading_ = false;
  if (closed_) return;
  if (!ok) {
    session_.on_network_lost(clock_now());
    return close();
  }
  if (session_.ended()) return read();  // lingering: what comes now is dropped
  end_ += count;
  process();
}

void MqttConnection::process() {
  if (!ready_ || closed_) return;
  begin_ += session_.on_bytes({buffer_.data() + begin_, end_ - begin_}, clock_now());
  if (session_.unacknowledged() > 0 && !listed_waiting_) {
    settle();
    listed_waiting_ = session_.unacknowledged() > 0;
    if (listed_waiting_) hub_.wait_for_durable(shared_from_this());
  }
  if (session_.stalled() && !listed_stalled_) {
    listed_stalled_ = true;
    hub_.wait_for_room(shared_from_this());
  }
  flush();
  finish_if_ended();
  if (!session_.waiting()) read();
}

void MqttConnection::on_durable() {
  listed_waiting_ = false;
  if (closed_) return;
  settle();
  process();
}

void MqttConnection::settle() {
  const std::size_t before = session_.unacknowledged();
  session_.on_durable(hub_.durable());
  session_.on_kept(hub_.kept());
  hub_.status().acknowledged += before - session_.unacknowledged();
}

void MqttConnection::on_retry() {
  listed_stalled_ = false;
  if (closed_) return;
  session_.on_retry(clock_now());
  process();
}

// --- out

void MqttConnection::flush() {
  if (write_open_ || finished_ || closed_ || session_.output().empty()) return;
  std::string& output = session_.output();
  const std::size_t written = transport_->write_some(output);
  if (written == output.size()) {
    output.clear();
    return;
  }
  writing_.assign(output, written, std::string::npos);
  output.clear();
  write_open_ = true;
  transport_->write(writing_, shared_from_this());
}

void MqttConnection::on_written(bool ok) {
  write_open_ = false;
  if (closed_) return;
  if (!ok) {
    session_.on_network_lost(clock_now());
    return close();
  }
  flush();
  finish_if_ended();
}

// Our last words are out: no more writing, and reading on until the client closes too, because closing on
// unread bytes would take the last words back.
void MqttConnection::finish_if_ended() {
  if (!session_.ended() || write_open_ || finished_ || closed_) return;
  if (!ready_) return close();
  finished_ = true;
  count_end();
  linger_until_ = clock_now() + linger;
  begin_ = end_ = 0;
  transport_->finish();
  read();
}

void MqttConnection::count_end() {
  if (!session_.accepted()) ++hub_.status().refused_connections;
  hub_.count_end(session_.why());
}

void MqttConnection::on_time(TimePoint now) {
  if (closed_) return;
  session_.on_time(now);
  if (linger_until_ && now >= *linger_until_) return close();
  flush();
  finish_if_ended();
}

void MqttConnection::end(Reason reason, const char* text) {
  session_.end(reason, text, clock_now());
  flush();
  finish_if_ended();
}

void MqttConnection::close() {
  if (closed_) return;
  session_.on_network_lost(clock_now());
  closed_ = true;
  if (!finished_) count_end();
  transport_->close();
}

// --- what the session asks for

tl::expected<Ticket, std::error_code> MqttConnection::store(const Publication& publication) {
  const std::uint32_t rate = hub_.options().max_messages_per_s;
  if (rate > 0) {
    const TimePoint now = clock_now();
    if (now - allowance_since_ >= std::chrono::seconds(1)) {
      allowance_since_ = now;
      allowance_ = rate;
    }
    if (allowance_ == 0) {
      ++hub_.status().held_back;
      return tl::make_unexpected(std::make_error_code(std::errc::resource_unavailable_try_again));
    }
    --allowance_;
  }
  return hub_.store(publication);
}

std::optional<Login> MqttConnection::login(const Credentials& credentials) {
  return hub_.login(credentials, certificate_name_, [self = shared_from_this()](Login login) {
    if (self->closed_ || self->session_.ended()) return;
    self->session_.on_login(std::move(login), clock_now());
    self->process();
  });
}

void MqttConnection::taken_over() {
  flush();
  finish_if_ended();
}

std::string MqttConnection::random_client_id() {
  unsigned char random[10] = {};
  RAND_bytes(random, sizeof random);
  std::string id = "auto";
  for (const unsigned char byte : random) {
    constexpr char digits[] = "0123456789abcdef";
    id += digits[byte >> 4U];
    id += digits[byte & 15U];
  }
  return id;  // 24 characters, 80 random bits
}

}  // namespace weather::sensors::listener
