#include "bridge/http_client/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weather::http_client {
namespace {

using testing::HasSubstr;

TEST(Address, PartsOfAUrl) {
  const auto plain = parse_address("http://registry:8081").value();
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.host, "registry");
  EXPECT_EQ(plain.port, "8081");
  EXPECT_EQ(plain.path, "");
  const auto apicurio = parse_address("https://[2001:db8::1]/apis/ccompat/v7/").value();
  EXPECT_TRUE(apicurio.tls);
  EXPECT_EQ(apicurio.host, "2001:db8::1");
  EXPECT_EQ(apicurio.port, "443");
  EXPECT_EQ(apicurio.path, "/apis/ccompat/v7");
}

TEST(Address, MistakesAreNamed) {
  EXPECT_THAT(parse_address("registry:8081").error(), HasSubstr("must begin with http"));
  EXPECT_THAT(parse_address("http://u:p@h").error(), HasSubstr("use username and password_file"));
  EXPECT_THAT(parse_address("http://h:x").error(), HasSubstr("no port"));
  EXPECT_THAT(parse_address("http://h:").error(), HasSubstr("no port"));
  EXPECT_THAT(parse_address("http:///p").error(), HasSubstr("names no host"));
  EXPECT_THAT(parse_address("http://h/p?x=1").error(), HasSubstr("plain path"));
}

TEST(Place, PathAndQueryStayAsTheyAre) {
  const auto place = parse_place("https://id.example:8443/realms/x/token/?p=a%20b#part").value();
  EXPECT_EQ(place.address.host, "id.example");
  EXPECT_EQ(place.address.port, "8443");
  EXPECT_EQ(place.target, "/realms/x/token/?p=a%20b");
  EXPECT_EQ(parse_place("http://h").value().target, "/");
  EXPECT_EQ(parse_place("http://h?x=1").value().target, "/?x=1");
  EXPECT_FALSE(parse_place("h/token"));
  EXPECT_FALSE(parse_place(""));
}

TEST(Authorization, IsBasicAsInRfc7617) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_authorization("", ""), "Basic Og==");
}

}  // namespace
}  // namespace weather::http_client
