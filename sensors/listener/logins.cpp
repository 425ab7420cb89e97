#include "sensors/listener/logins.hpp"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/rand.h>

#include "sensors/reading/json_text.hpp"

namespace weather::sensors::listener {
namespace {

// crypt(3) takes no longer password; a longer name is no user's. They would be held while they wait.
constexpr std::size_t most_password_bytes = 511, most_name_bytes = 1024;

std::string random_key() {
  std::string key(32, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size()));
  return key;
}

}  // namespace

Logins::Logins(boost::asio::any_io_executor io, const ListenerOptions& options, Users users,
               ListenerStatus& status)
    : io_(std::move(io)),
      options_(options),
      users_(std::make_shared<const Users>(std::move(users))),
      status_(status),
      gate_(random_key(), longest_wait) {}

Logins::~Logins() {
  *alive_ = false;
  passwords_.join();
}

void Logins::replace(Users users) {
  users_ = std::make_shared<const Users>(std::move(users));
  gate_.forget();
}

Login Logins::login_of(const std::string& user) const {
  Login login{.user = user};
  const User* known = users_->find(user);
  if (known != nullptr) login.topic_prefixes = known->topic_prefixes;
  if (known != nullptr && !known->id_prefixes.empty())
    login.ids = std::make_shared<const IdRule>(IdRule{user, known->id_prefixes});
  else if (options_.ids_of_user)
    login.ids = std::make_shared<const IdRule>(IdRule{user});
  return login;
}

// One line a minute for each address; never the password.
Login Logins::refused(Reason reason, const std::string& address, std::string_view user,
                      std::string_view why) {
  ++status_.refused_logins;
  if (const auto count = seldom_.event(address, LoginGate::Clock::now()); count && options_.say) {
    const std::string whose = user.empty() ? "" : " as \"" + to_utf8(user, 64) + "\"";
    options_.say("refused a log-in from " + address + whose + ": " + std::string(why) + and_more(*count));
  }
  return Login{.reason = reason};
}

Login Logins::wrong(const std::string& address, std::string_view user) {
  return refused(Reason::bad_user_name_or_password, address, user, "wrong user name or password");
}

std::optional<Login> Logins::by_certificate(const std::string& certificate_name, const std::string& address) {
  if (certificate_name.empty())
    return refused(Reason::not_authorized, address, {}, "its certificate has no common name");
  if (!users_->empty() && users_->find(certificate_name) == nullptr)
    return refused(Reason::not_authorized, address, certificate_name, "no such user in users_file");
  return login_of(certificate_name);
}

std::optional<Login> Logins::ask(const Credentials& credentials, const std::string& certificate_name,
                                 const std::string& address, Verdict later) {
  if (!options_.client_ca_file.empty()) return by_certificate(certificate_name, address);
  if (users_->empty()) return Login{};
  if (!credentials.user_name || !credentials.password)
    return refused(Reason::bad_user_name_or_password, address, credentials.user_name.value_or(""),
                   "a user name and a password are needed");
  if (credentials.password->size() > most_password_bytes || credentials.user_name->size() > most_name_bytes)
    return refused(Reason::bad_user_name_or_password, address, *credentials.user_name,
                   "the user name or the password is too long");
  if (const auto known = gate_.known(*credentials.user_name, *credentials.password))
    return *known ? login_of(std::string(*credentials.user_name)) : wrong(address, *credentials.user_name);
  auto& open_here = open_of_[address];
  if (open_ >= most_open || open_here >= most_open_of_an_address) {
    if (open_here == 0) open_of_.erase(address);
    return refused(Reason::server_busy, address, *credentials.user_name, "too many log-ins at a time");
  }
  ++open_;
  ++open_here;
  auto one = std::make_shared<Try>(Try{std::string(*credentials.user_name),
                                       std::string(*credentials.password), address, std::move(later)});
  compare_when_due(std::move(one));
  return {};
}

void Logins::compare_when_due(std::shared_ptr<Try> one) {
  const auto how_long = gate_.attempt(one->address, one->name, LoginGate::Clock::now());
  if (how_long.count() == 0) return compare(std::move(one));
  const auto timer = std::make_shared<boost::asio::steady_timer>(io_, how_long);
  timer->async_wait([this, timer, alive = alive_, one = std::move(one)](const boost::system::error_code&) {
    if (!*alive) return;
    if (const auto known = gate_.known(one->name, one->password))
      return end(*one, *known ? login_of(one->name) : wrong(one->address, one->name));
    compare_when_due(one);
  });
}

void Logins::compare(std::shared_ptr<Try> one) {
  boost::asio::post(passwords_, [this, alive = alive_, io = io_, users = users_, one = std::move(one)] {
    const bool right = users->verify(one->name, one->password);
    boost::asio::post(io, [this, alive, users, one, right] {
      if (!*alive) return;
      if (users != users_)  // read again meanwhile: by the new ones
        return compare(one);
      gate_.answered(one->address, one->name, one->password, right);
      end(*one, right ? login_of(one->name) : wrong(one->address, one->name));
    });
  });
}

void Logins::end(const Try& one, Login login) {
  --open_;
  if (const auto open = open_of_.find(one.address); open != open_of_.end() && --open->second == 0)
    open_of_.erase(open);
  one.later(std::move(login));
}

}  // namespace weather::sensors::listener
