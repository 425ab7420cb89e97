#include "gateway/http/guard.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <openssl/rand.h>

#include "gateway/http/login.hpp"
#include "sensors/access/login_gate.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_compared = 8;

std::string random_key() {
  std::string key(32, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
    throw std::runtime_error("no random bytes to be had");
  return key;
}

HttpResponse unauthorised() {
  auto response = text_response(401, "A name and a password are needed.");
  response.headers.emplace_back("WWW-Authenticate", R"(Basic realm="weather-gateway", charset="UTF-8")");
  return response;
}

HttpResponse later(unsigned status, std::string text, std::chrono::seconds wait) {
  auto response = text_response(status, std::move(text));
  response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return response;
}

}  // namespace

struct Guard::Impl : std::enable_shared_from_this<Guard::Impl> {
  Impl(asio::io_context& context, Users given)
      : io(context), users(std::make_shared<const Users>(std::move(given))) {}

  void compared(const std::shared_ptr<const Users>& with, bool right, const Credentials& credentials,
                const std::string& address) {
    --comparing;
    if (with == users) gate.answered(address, credentials.name, credentials.password, right);
  }

  asio::io_context& io;
  std::shared_ptr<const Users> users;
  sensors::LoginGate gate{random_key(), std::chrono::seconds(60)};
  std::size_t comparing = 0;
  asio::thread_pool passwords{1};
};

Guard::Guard(asio::io_context& io, Users users) : impl_(std::make_shared<Impl>(io, std::move(users))) {}

Guard::~Guard() {
  impl_->passwords.join();
}

void Guard::replace(Users users) {
  impl_->users = std::make_shared<const Users>(std::move(users));
  impl_->gate.forget();
}

void Guard::ask(const HttpRequest& request, std::function<void()> let_in, const Respond& refuse) {
  auto credentials = parse_basic(request.authorization);
  if (!credentials) return refuse(unauthorised());
  if (const auto known = impl_->gate.known(credentials->name, credentials->password))
    return *known ? let_in() : refuse(unauthorised());
  if (impl_->comparing >= most_compared)
    return refuse(later(503, "Too many passwords at a time.", std::chrono::seconds(2)));
  const auto wait = impl_->gate.attempt(request.address, credentials->name, sensors::LoginGate::Clock::now());
  if (wait.count() > 0)
    return refuse(
        later(429, "Too many wrong passwords from there.", std::chrono::ceil<std::chrono::seconds>(wait)));
  ++impl_->comparing;
  asio::post(impl_->passwords, [&io = impl_->io, weak = std::weak_ptr(impl_), users = impl_->users,
                                credentials = std::move(*credentials), address = request.address,
                                let_in = std::move(let_in), refuse]() mutable {
    const bool right = users->verify(credentials.name, credentials.password);
    asio::post(io, [weak, users = std::move(users), right, credentials = std::move(credentials),
                    address = std::move(address), let_in = std::move(let_in), refuse = std::move(refuse)] {
      const auto self = weak.lock();
      if (!self) return;
      self->compared(users, right, credentials, address);
      if (right && users == self->users)
        let_in();
      else
        refuse(unauthorised());
    });
  });
}

}  // namespace weather::gateway
