#include "bridge/proxy/socks5.hpp"

#include <boost/asio/ip/address.hpp>

namespace weather::proxy {
namespace {

constexpr char version = 5, login_version = 1;
constexpr char no_login = 0, by_password = 2, none_acceptable = '\xFF';
constexpr char connect = 1;
enum class Form : char { v4 = 1, name = 3, v6 = 4 };

char low_byte(std::size_t value) {
  return static_cast<char>(value & 0xFFU);
}

// The address as a request holds it.
std::string address_bytes(const std::string& host) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(host, is_name);
  if (is_name) return std::string{static_cast<char>(Form::name), low_byte(host.size())} + host;
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return static_cast<char>(Form::v4) + std::string(bytes.begin(), bytes.end());
  }
  const auto bytes = address.to_v6().to_bytes();
  return static_cast<char>(Form::v6) + std::string(bytes.begin(), bytes.end());
}

}  // namespace

Socks5::Socks5(const Settings& settings, const Target& target)
    : Handshake(settings, target), username_(settings.username), password_(settings.password) {
  send(username_.empty() ? std::string{version, 1, no_login}
                         : std::string{version, 2, no_login, by_password});
}

void Socks5::read() {
  if (step_ == Step::method && !take_method()) return;
  if (step_ == Step::login && !take_login()) return;
  if (step_ == Step::connection) take_reply();
}

bool Socks5::take_method() {
  if (!input_.empty() && input_[0] != version) {
    fail("does not answer as a SOCKS5 proxy does: check the URL's scheme and port");
    return false;
  }
  if (input_.size() < 2) return false;
  const char method = input_[1];
  input_.erase(0, 2);
  if (method == no_login) {
    ask();
  } else if (method == by_password && !username_.empty()) {
    send(std::string{login_version, low_byte(username_.size())} + username_ + low_byte(password_.size()) +
         password_);
    step_ = Step::login;
  } else if (method == none_acceptable) {
    refuse(username_.empty() ? "it wants a user and a password: give username and password_file"
                             : "it takes no user and password");
  } else {
    fail("asks for a log-in that was not offered");
  }
  return state() == State::going;
}

bool Socks5::take_login() {
  if (input_.size() < 2) return false;
  const bool taken = input_[1] == 0;
  input_.erase(0, 2);
  if (taken)
    ask();
  else
    refuse("it does not take this user and password");
  return taken;
}

void Socks5::ask() {
  send(std::string{version, connect, 0} + address_bytes(target_.host) + low_byte(target_.port >> 8U) +
       low_byte(target_.port));
  step_ = Step::connection;
}

// VER REP RSV ATYP BND.ADDR BND.PORT
void Socks5::take_reply() {
  if (!input_.empty() && input_[0] != version)
    return fail("does not answer as a SOCKS5 proxy does: check the URL's scheme and port");
  if (input_.size() < 2) return;
  switch (static_cast<unsigned char>(input_[1])) {
    case 0:
      break;
    case 1:
      return not_reached("general failure, SOCKS reply 1");
    case 2:
      return refuse_target("not allowed by its rules, SOCKS reply 2");
    case 3:
      return not_reached("network unreachable, SOCKS reply 3");
    case 4:
      return not_reached("host unreachable, SOCKS reply 4");
    case 5:
      return not_reached("connection refused, SOCKS reply 5");
    case 6:
      return not_reached("TTL expired, SOCKS reply 6");
    case 7:
      return fail("does not know how to connect (command not supported, SOCKS reply 7)");
    case 8:
      return fail("does not take this kind of address (SOCKS reply 8)");
    default:
      return not_reached("SOCKS reply " + std::to_string(static_cast<unsigned char>(input_[1])));
  }
  if (input_.size() < 5) return;
  std::size_t address = 0;
  switch (static_cast<Form>(input_[3])) {
    case Form::v4:
      address = 4;
      break;
    case Form::v6:
      address = 16;
      break;
    case Form::name:
      address = 1U + static_cast<unsigned char>(input_[4]);
      break;
    default:
      return fail("does not answer as a SOCKS5 proxy does: check the URL's scheme and port");
  }
  const auto whole = 4 + address + 2;
  if (input_.size() < whole) return;
  input_.erase(0, whole);
  open();
}

}  // namespace weather::proxy
