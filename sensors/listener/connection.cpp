#include "sensors/listener/connection.hpp"

#include <algorithm>
#include <utility>

#include <openssl/rand.h>

namespace weather::sensors::listener {
namespace {

// How long a client may take to read our last words before the socket is closed on it.
constexpr std::chrono::seconds linger{2};
// While higher ranks need the memory its answers wait in, a client has this part of the time to read them.
constexpr int impatience = 15;

TimePoint clock_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

MqttConnection::MqttConnection(Hub& hub, std::unique_ptr<Transport> transport, std::string address)
    : hub_(hub),
      transport_(std::move(transport)),
      session_(hub.options().limits, hub.clients(), *this, clock_now()),
      memory_(hub.options().memory, Holder::receive_buffers),
      address_(std::move(address)),
      buffer_(hub.options().memory, hub.options().limits.max_packet_bytes),
      standing_(*this),
      allowance_(hub.options().max_messages_per_s),
      allowance_since_(clock_now()) {}

bool MqttConnection::admit(std::size_t cost_bytes) {
  if (hub_.admit(*this, standing_, address_, cost_bytes)) return true;
  session_.end(Reason::server_busy, "there was no place for another connection", clock_now());
  close();
  return false;
}

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
  if (!make_room()) return;
  reading_ = true;
  transport_->read(buffer_.space(), buffer_.space_bytes(), shared_from_this());
}

// The buffer grows while the client fills it, up to what one packet may need. While memory is short the
// largest of all gives way to a smaller one.
bool MqttConnection::make_room() {
  const std::size_t wanted = buffer_.wanted();
  if (buffer_.resize(wanted)) {
    hub_.note_buffer(standing_, buffer_.reserved());
    return true;
  }
  if (!hub_.make_way(standing_, wanted - ReceiveBuffer::free_bytes)) {
    give_way("gave way: memory is short and its packet is large");
  } else if (!listed_stalled_) {
    // It is there once the read that was under way has ended.
    listed_stalled_ = true;
    hub_.wait_for_room(shared_from_this());
  }
  return false;
}

void MqttConnection::on_read(bool ok, std::size_t count) {
  reading_ = false;
  if (closed_) {
    const auto bytes = buffer_.reserved();
    buffer_.release();
    return hub_.released(bytes);
  }
  if (!ok) {
    session_.on_network_lost(clock_now());
    return close();
  }
  if (session_.ended()) return read();  // lingering: what comes now is dropped
  buffer_.filled(count);
  hub_.heard(standing_, published_);
  process();
}

void MqttConnection::process() {
  if (!ready_ || closed_) return;
  do {
    buffer_.take(session_.on_bytes(buffer_.bytes(), clock_now()));
    settle();
    flush();
    if (closed_) return;
  } while (session_.held_up() && !write_open_ && !session_.ended());
  if (session_.unacknowledged() > 0 && !listed_waiting_) {
    listed_waiting_ = true;
    hub_.wait_for_durable(shared_from_this());
  }
  if (session_.stalled() && !listed_stalled_) {
    listed_stalled_ = true;
    hub_.wait_for_room(shared_from_this());
  }
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
  write_open_ = true;
  write_since_ = clock_now();
  transport_->write(session_.outgoing().start_writing(written), shared_from_this());
}

void MqttConnection::on_written(bool ok) {
  write_open_ = false;
  session_.outgoing().written();
  if (closed_) return;
  if (!ok) {
    session_.on_network_lost(clock_now());
    return close();
  }
  flush();
  process();
}

// Our last words are out: no more writing, and reading on until the client closes too, because closing on
// unread bytes would take the last words back.
void MqttConnection::finish_if_ended() {
  if (!session_.ended() || write_open_ || finished_ || closed_) return;
  if (!ready_) return close();
  finished_ = true;
  count_end();
  linger_until_ = clock_now() + linger;
  hub_.abandon(standing_);
  buffer_.clear();
  if (!reading_) buffer_.release();
  hub_.note_buffer(standing_, buffer_.reserved());
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
  if (write_open_ && now - write_since_ >= hub_.options().limits.write_timeout)
    return give_way("the client does not read its answers");
  if (write_open_ && now - write_since_ >= hub_.options().limits.write_timeout / impatience &&
      session_.outgoing().must_give_way())
    return give_way("gave way: memory is short and the client does not read its answers");
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
  hub_.left(standing_);
  // A read under way still writes into it.
  if (reading_)
    hub_.will_release(buffer_.reserved());
  else
    buffer_.release();
  memory_.release();
  if (listed_waiting_ || listed_stalled_) hub_.waits_no_more(*this);
}

void MqttConnection::give_way(const char* why) {
  end(Reason::quota_exceeded, why);
  close();
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
  published_ = true;
  return hub_.store(publication);
}

std::optional<Login> MqttConnection::login(const Credentials& credentials) {
  return hub_.login(credentials, certificate_name_, address_, [self = shared_from_this()](Login login) {
    if (self->closed_ || self->session_.ended()) return;
    self->session_.on_login(std::move(login), clock_now());
    self->process();
  });
}

bool MqttConnection::enter(const std::string& share) {
  return hub_.enter(standing_, share);
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
