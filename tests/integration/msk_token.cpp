// Tokens for Amazon's MSK, as the gateway makes them: test_oauth_msk.py compares them with those of another
// signer. Of each line of the standard input, with tabs between them: region, Unix time, agent, access key,
// secret, session token.
#include <iostream>
#include <sstream>
#include <string>

#include "bridge/oauth/aws_sign.hpp"

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream fields(line);
    std::string region, time, agent;
    weather::oauth::AwsKeys keys;
    for (auto* field :
         {&region, &time, &agent, &keys.access_key_id, &keys.secret_access_key, &keys.session_token})
      std::getline(fields, *field, '\t');
    std::cout << weather::oauth::msk_token(keys, region, std::stoll(time), agent) << '\n';
  }
}
