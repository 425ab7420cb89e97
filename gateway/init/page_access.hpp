// A certificate and a user for the page: `weather-gateway page-access`, and `init` on request.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/init/plan.hpp"

namespace weather::gateway {

struct KeyPair {
  std::string certificate, key;  // PEM
};

// A key (P-256) and a certificate signed by itself, for these host names and addresses, of `days`. The error
// says what OpenSSL could not do.
tl::expected<KeyPair, std::string> make_certificate(const std::vector<std::string>& hosts, int days);
// "AB:CD:…" (SHA-256), as browsers show it.
std::string fingerprint(const std::string& certificate_pem);

// yescrypt, of crypt(5).
tl::expected<std::string, std::string> hash_password(const std::string& password);
std::string random_password();  // 20 letters and digits of the kernel's: 100 bits

// The users file with this user in place of one of the same name. Pure.
std::string with_user(const std::string& users, const std::string& name, const std::string& hash);
// What is wrong with it as a host or a user; empty: nothing. Pure.
std::string fault_of_host(const std::string& host);
std::string fault_of_user(const std::string& user);

// page.crt, page.key, page.users and conf.d/page.toml. users: what is in page.users already. Pure.
std::vector<PlannedFile> plan_page(const std::vector<std::string>& hosts, const std::string& listen,
                                   const KeyPair& pair, const std::string& users);

}  // namespace weather::gateway
