#include "gateway/http/guard.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "gateway/http/login.hpp"

namespace weather::gateway {
namespace {

namespace asio = boost::asio;
using Digest = std::array<unsigned char, 32>;

constexpr std::size_t most_compared = 8, most_remembered = 32;

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
      : io(context), users(std::make_shared<const Users>(std::move(given))) {
    if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
      throw std::runtime_error("no random bytes to be had");
  }

  Digest digest(const std::string& text) const {
    Digest made{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), made.data(), &size);
    return made;
  }

  bool remembers(const Digest& asked) const {
    bool found = false;  // looks at all of them: the time tells nothing
    for (const auto& one : remembered) found |= CRYPTO_memcmp(one.data(), asked.data(), asked.size()) == 0;
    return found;
  }

  void compared(const std::shared_ptr<const Users>& with, bool right, const Digest& asked,
                const std::string& address) {
    --comparing;
    if (!right || with != users) return;
    limiter.right(address);
    remembered.push_back(asked);
    if (remembered.size() > most_remembered) remembered.pop_front();
  }

  asio::io_context& io;
  std::shared_ptr<const Users> users;
  Digest key{};
  std::deque<Digest> remembered;
  LoginLimiter limiter;
  std::size_t comparing = 0;
  asio::thread_pool passwords{1};
};

Guard::Guard(asio::io_context& io, Users users) : impl_(std::make_shared<Impl>(io, std::move(users))) {}

Guard::~Guard() {
  impl_->passwords.join();
}

void Guard::replace(Users users) {
  impl_->users = std::make_shared<const Users>(std::move(users));
  impl_->remembered.clear();
}

void Guard::ask(const HttpRequest& request, std::function<void()> let_in, const Respond& refuse) {
  auto credentials = parse_basic(request.authorization);
  if (!credentials) return refuse(unauthorised());
  const auto asked = impl_->digest(request.authorization);
  if (impl_->remembers(asked)) return let_in();
  if (impl_->comparing >= most_compared)
    return refuse(later(503, "Too many passwords at a time.", std::chrono::seconds(2)));
  const auto wait = impl_->limiter.attempt(request.address, LoginLimiter::Clock::now());
  if (wait.count() > 0) return refuse(later(429, "Too many wrong passwords from there.", wait));
  ++impl_->comparing;
  asio::post(impl_->passwords, [&io = impl_->io, weak = std::weak_ptr(impl_), users = impl_->users,
                                credentials = std::move(*credentials), asked, address = request.address,
                                let_in = std::move(let_in), refuse]() mutable {
    const bool right = users->verify(credentials.name, credentials.password);
    asio::post(io, [weak, users = std::move(users), right, asked, address = std::move(address),
                    let_in = std::move(let_in), refuse = std::move(refuse)] {
      const auto self = weak.lock();
      if (!self) return;
      self->compared(users, right, asked, address);
      if (right && users == self->users)
        let_in();
      else
        refuse(unauthorised());
    });
  });
}

}  // namespace weather::gateway
