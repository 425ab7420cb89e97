#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/http_client/encoding.hpp"
#include "bridge/oauth/aws_credentials.hpp"
#include "bridge/oauth/aws_sign.hpp"

namespace weather::oauth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// 2026-11-30T12:00:05Z
constexpr std::int64_t now_s = 1'796'040'005;
constexpr auto agent = "aws-msk-iam-sasl-signer-python/1.0.2";

// Made by aws-msk-iam-sasl-signer-python 1.0.2 with botocore 1.44.8 and this clock; test_oauth_msk.py
// compares any others.
TEST(MskToken, IsThatOfAmazonsSigner) {
  EXPECT_EQ(
      msk_token({"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""}, "us-east-1", now_s, agent),
      "aHR0cHM6Ly9rYWZrYS51cy1lYXN0LTEuYW1hem9uYXdzLmNvbS8_"
      "QWN0aW9uPWthZmthLWNsdXN0ZXIlM0FDb25uZWN0JlgtQW16LUFsZ29yaX"
      "RobT1BV1M0LUhNQUMtU0hBMjU2JlgtQW16LUNyZWRlbnRpYWw9QUtJREVYQU1QTEUlMkYyMDI2MTEzMCUyRnVzLWVhc3QtMSUyRmth"
      "ZmthLWNs"
      "dXN0ZXIlMkZhd3M0X3JlcXVlc3QmWC1BbXotRGF0ZT0yMDI2MTEzMFQxMjAwMDVaJlgtQW16LUV4cGlyZXM9OTAwJlgtQW16LVNpZ2"
      "5lZEhlYW"
      "RlcnM9aG9zdCZYLUFtei1TaWduYXR1cmU9YjhiNjlkZDZmNDI1YTY1YzEyYTcxYjBjZjEwNjNjNzM0ZGI4N2VjNmU2YTk3MGI1YTg3"
      "ZTgzZThm"
      "MzViOTU0MiZVc2VyLUFnZW50PWF3cy1tc2staWFtLXNhc2wtc2lnbmVyLXB5dGhvbiUyRjEuMC4y");
}

TEST(MskToken, WithASessionToken) {
  EXPECT_EQ(msk_token({"ASIAEXAMPLE", "s/+=x", "IQoJb3JpZ2luX2VjE/+ab=="}, "eu-central-1", now_s, agent),
            "aHR0cHM6Ly9rYWZrYS5ldS1jZW50cmFsLTEuYW1hem9uYXdzLmNvbS8_"
            "QWN0aW9uPWthZmthLWNsdXN0ZXIlM0FDb25uZWN0JlgtQW16LUFsZ2"
            "9yaXRobT1BV1M0LUhNQUMtU0hBMjU2JlgtQW16LUNyZWRlbnRpYWw9QVNJQUVYQU1QTEUlMkYyMDI2MTEzMCUyRmV1LWNlbn"
            "RyYWwtMSUyRmth"
            "ZmthLWNsdXN0ZXIlMkZhd3M0X3JlcXVlc3QmWC1BbXotRGF0ZT0yMDI2MTEzMFQxMjAwMDVaJlgtQW16LUV4cGlyZXM9OTAw"
            "JlgtQW16LVNpZ2"
            "5lZEhlYWRlcnM9aG9zdCZYLUFtei1TZWN1cml0eS1Ub2tlbj1JUW9KYjNKcFoybHVYMlZqRSUyRiUyQmFiJTNEJTNEJlgtQW"
            "16LVNpZ25hdHVy"
            "ZT02ODFmOWMyMjQxMzZmNzdiOWY1OGMzOWM3NGQ5ZGJiZmNlZmY2Yzk5Y2U2ZDdjMzQxYWNhMDA5ZjlkMjU0ZDMyJlVzZXIt"
            "QWdlbnQ9YXdzLW"
            "1zay1pYW0tc2FzbC1zaWduZXItcHl0aG9uJTJGMS4wLjI");
}

TEST(Profiles, OfBothKindsOfFiles) {
  const auto profiles = read_profiles(R"(# a comment
stray = before any section
[default]
aws_access_key_id = AKID
aws_secret_access_key=se=cret+/
s3 =
  max_concurrent_requests = 20
; another
[profile pi]
Region = eu-central-1
credential_process = /usr/bin/keys --for "the pi"
[profile "in quotes"]
region=x
[default]
region = us-east-1
)");
  EXPECT_EQ(profiles.size(), 3U);
  EXPECT_EQ(profiles.at("default").at("aws_access_key_id"), "AKID");
  EXPECT_EQ(profiles.at("default").at("aws_secret_access_key"), "se=cret+/");
  EXPECT_EQ(profiles.at("default").at("region"), "us-east-1");
  EXPECT_FALSE(profiles.at("default").contains("max_concurrent_requests"));
  EXPECT_EQ(profiles.at("pi").at("region"), "eu-central-1");
  EXPECT_EQ(profiles.at("in quotes").at("region"), "x");
  for (const auto* odd : {"", "[", "[]", "[a", "=", "[a]\n=b", "\r\n[a]\r\nb"})
    EXPECT_NO_THROW(read_profiles(odd));
}

TEST(Process, ItsKeysAndTheirEnd) {
  const auto found = read_process_output(
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2026-11-30T13:00:05+01:00"})");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->keys.access_key_id, "A");
  EXPECT_EQ(found->keys.session_token, "T");
  EXPECT_EQ(found->expires_s, now_s);
  for (const auto* time : {"2026-11-30T12:00:05Z", "2026-11-30T12:00:05.123Z", "2026-11-30T07:00:05-05:00"})
    EXPECT_EQ(read_process_output(
                  std::string(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":")") +
                  time + "\"}")
                  .value()
                  .expires_s,
              now_s)
        << time;
  EXPECT_FALSE(
      read_process_output(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S"})").value().expires_s);
}

TEST(Process, SaysWhatIsWrong) {
  for (const auto& [printed, fault] :
       {std::pair{"", "prints no JSON object"},
        {"[]", "prints no JSON object"},
        {"{}", "prints no \"Version\": 1"},
        {R"({"Version":2})", "prints no \"Version\": 1"},
        {R"({"Version":1,"AccessKeyId":"A"})", "prints no AccessKeyId or no SecretAccessKey"},
        {R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"soon"})",
         "prints an Expiration that is no ISO 8601 time"}})
    EXPECT_EQ(read_process_output(printed).error(), fault);
}

TEST(Command, IsSplitWithoutAShell) {
  EXPECT_THAT(split_command(R"(/opt/a\ b --x "c \"d\" $E" 'f "g' "" h"i"j)"),
              ElementsAre("/opt/a b", "--x", "c \"d\" $E", "f \"g", "", "hij"));
  EXPECT_THAT(split_command(R"("C:\n")"), ElementsAre("C:\\n"));
  EXPECT_THAT(split_command("  "), IsEmpty());
  EXPECT_THAT(split_command("a 'b"), IsEmpty());
}

}  // namespace
}  // namespace weather::oauth
