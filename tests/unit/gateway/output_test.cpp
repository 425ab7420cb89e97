// Everything a terminal could obey, in every place that foreign text comes
// from: nothing of it comes out raw.
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include "bridge/kafka/properties.hpp"
#include "gateway/api/metrics.hpp"
#include "gateway/doctor/finding.hpp"
#include "gateway/http/message.hpp"
#include "gateway/output/complain.hpp"
#include "gateway/output/print.hpp"
#include "gateway/status/status.hpp"
#include "sensors/reading/json_text.hpp"

namespace weather::gateway {
namespace {

std::string utf8(unsigned code) {
  std::string text;
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | code >> 6U);
    text += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    text += static_cast<char>(0xE0U | code >> 12U);
    text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
    text += static_cast<char>(0x80U | (code & 0x3FU));
  }
  return text;
}

// C0, DEL, C1, separators, marks of direction; bytes that are no UTF-8, a lone
// surrogate among them.
std::vector<std::string> hostile() {
  std::vector<std::string> all;
  const auto add = [&all](unsigned first, unsigned last) {
    for (auto code = first; code <= last; ++code) all.push_back(utf8(code));
  };
  add(0, 0x1F);
  add(0x7F, 0x9F);
  add(0x200E, 0x200F);
  add(0x2028, 0x202E);
  add(0x2066, 0x2069);
  for (const auto* bytes : {"\xff", "\xc3", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\x80"})
    all.emplace_back(bytes);
  return all;
}

// But for the line ends that a text has anyway.
void expect_harmless(const std::string& out, const std::string& raw, const char* where) {
  EXPECT_TRUE(sensors::is_utf8(out)) << where;
  EXPECT_TRUE(raw == "\n" || out.find(raw) == std::string::npos) << where << ": " << out;
}

std::string evil(const std::string& raw) {
  return "a" + raw + "[31m<3>b";
}

Status status_with(const std::string& text) {
  Status status;
  status.gateway_id = status.page_reason = text;
  status.log.writable = false;
  status.log.reason = text;
  SourceStatus source;
  source.name = source.kind = source.reason = text;
  source.counters.undecodable[text] = 1;
  status.sources.push_back(source);
  status.silent_sensors.push_back(text);
  bridge::RouteStatus route;
  route.name = route.topic = route.reason = route.last_error = text;
  route.warnings.push_back(text);
  status.kafka.routes = {route, route};
  status.events.push_back({1, "info", text});
  return status;
}

TEST(Output, no_hostile_character_leaves_the_printer) {
  for (const auto& raw : hostile()) {
    const auto text = evil(raw);
    testing::internal::CaptureStdout();
    print_line(text);
    const auto line = testing::internal::GetCapturedStdout();
    expect_harmless(line, raw, "print_line");
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    testing::internal::CaptureStdout();
    print_text(text);
    expect_harmless(testing::internal::GetCapturedStdout(), raw, "print_text");
    testing::internal::CaptureStdout();
    {
      PrintedStream stream(PrintedStream::To::output);
      stream.stream() << text << '\n' << text;
    }
    expect_harmless(testing::internal::GetCapturedStdout(), raw, "PrintedStream");
    testing::internal::CaptureStderr();
    complain(text, 0);
    complain_of({{1, "k", text}}, text);
    const auto said = testing::internal::GetCapturedStderr();
    expect_harmless(said, raw, "complain");
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2);
  }
}

TEST(Output, a_screen_keeps_its_own_sequences_only) {
  const auto own = std::string(screen::home) + "\x1b[1;31mred\x1b[0m" + std::string(screen::clear_line) +
                   "\r\n" + std::string(screen::clear_below);
  EXPECT_EQ(printable_screen(own), own);
  EXPECT_EQ(printable_screen(screen::open), screen::open);
  EXPECT_EQ(printable_screen(screen::close), screen::close);
  for (const auto* text :
       {"\x1b]0;title\x07", "\x1b[6n", "\x1b", "\x1b[", "\x1b[31", "\x1bP", "a\rb", "\x1b[9;9H"})
    EXPECT_EQ(printable_screen(text).find_first_of("\x1b\r\x07"), std::string::npos) << text;
}

TEST(Output, status_and_findings_are_harmless) {
  for (const auto& raw : hostile()) {
    const auto status = status_with(evil(raw));
    const auto text = to_text(status);
    expect_harmless(text, raw, "status");
    const auto plain = to_text(status_with("a"));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(plain.begin(), plain.end(), '\n'));
    const std::vector<Finding> findings{{Grade::fault, "disk", evil(raw), evil(raw)}};
    const auto reported = to_text(findings);
    expect_harmless(reported, raw, "check");
    EXPECT_EQ(std::count(reported.begin(), reported.end(), '\n'), 1);
  }
}

TEST(Output, json_is_valid_and_holds_none_raw) {
  for (const auto& raw : hostile()) {
    for (const auto& json :
         {json_response(to_json(status_with(evil(raw)))).body,
          json_response(to_json(std::vector<Finding>{{Grade::fault, "c", evil(raw), evil(raw)}})).body}) {
      expect_harmless(json, raw, "json");
      boost::system::error_code error;
      boost::json::parse(json, error);
      EXPECT_FALSE(error) << json;
    }
    expect_harmless(metrics(status_with(evil(raw)), {}, MetricsFormat::prometheus), raw, "/metrics");
  }
}

}  // namespace
}  // namespace weather::gateway
