#include "bridge/registry/protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sensors/reading/schema.hpp"

namespace weather::registry {
namespace {

using testing::HasSubstr;

TEST(Target, TheSubjectIsOneSegmentWhateverItHolds) {
  const Address address{false, "h", "80", "/apis/ccompat/v7"};
  EXPECT_EQ(target_of(address, Question::look_up, "weather-value"),
            "/apis/ccompat/v7/subjects/weather-value");
  EXPECT_EQ(target_of(address, Question::enrol, "a/b c%"), "/apis/ccompat/v7/subjects/a%2Fb%20c%25/versions");
}

TEST(Body, IsTheSchemaAsJson) {
  EXPECT_EQ(question_body(SchemaType::protobuf, "syntax = \"proto3\";\n"),
            R"({"schemaType":"PROTOBUF","schema":"syntax = \"proto3\";\n"})");
}

TEST(Answer, AKnownSchemaHasANumber) {
  const auto answer =
      read_answer(Question::look_up, 200, R"({"subject":"s","id":7,"version":1,"schema":"..."})", "s");
  EXPECT_EQ(answer.kind, Answer::Kind::known);
  EXPECT_EQ(answer.id, SchemaId{7});
  EXPECT_EQ(read_answer(Question::enrol, 200, R"({"id":2147483647})", "s").id.number, 2147483647);
}

TEST(Answer, AnUnknownSubjectOrSchemaIsToBeRegistered) {
  for (const auto* body : {R"({"error_code":40401,"message":"Subject not found."})",
                           R"({"error_code":40403,"message":"Schema not found"})"})
    EXPECT_EQ(read_answer(Question::look_up, 404, body, "s").kind, Answer::Kind::unknown);
}

TEST(Answer, AFailureSaysWhatToDo) {
  const auto text = [](Question question, unsigned status, const char* body) {
    const auto answer = read_answer(question, status, body, "w-value");
    EXPECT_EQ(answer.kind, Answer::Kind::failed);
    return answer.text;
  };
  EXPECT_THAT(text(Question::look_up, 404, "<html>"), HasSubstr("no schema registry under this address"));
  EXPECT_THAT(text(Question::look_up, 401, ""), HasSubstr("check schema_registry.username"));
  EXPECT_THAT(text(Question::enrol, 403, R"({"error_code":403,"message":"no"})"),
              HasSubstr("may not register a schema under subject w-value (\"no\")"));
  EXPECT_THAT(text(Question::enrol, 409, R"({"error_code":409,"message":"incompatible"})"),
              HasSubstr("compatibility rule refuses our schema for subject w-value (\"incompatible\")"));
  EXPECT_THAT(text(Question::enrol, 422, "{}"), HasSubstr("cannot use our schema"));
  EXPECT_THAT(text(Question::look_up, 302, ""), HasSubstr("give its final address"));
  EXPECT_THAT(text(Question::look_up, 503, ""), HasSubstr("HTTP 503"));
  for (const auto* body : {"{}", "[1]", "7", R"({"id":0})", R"({"id":"7"})", R"({"id":99999999999})", ""})
    EXPECT_THAT(text(Question::look_up, 200, body), HasSubstr("no schema id")) << body;
}

TEST(Answer, AForeignMessageIsQuotedInOneShortLine) {
  const std::string long_message(5000, 'x');
  const auto answer = read_answer(Question::enrol, 422, R"({"message":"a\nb)" + long_message + "\"}", "s");
  EXPECT_THAT(answer.text, HasSubstr("\"a bxxx"));
  EXPECT_LT(answer.text.size(), 400U);
}

TEST(Schema, IsTheReadingWithoutCommentsAndComesFirst) {
  const std::string text(sensors::reading_schema());
  EXPECT_THAT(text, HasSubstr("package weather.v1;"));
  EXPECT_THAT(text, testing::Not(HasSubstr("//")));
  EXPECT_THAT(text, testing::Not(HasSubstr("optimize_for")));
  // Message index 0, written as one zero byte: the reading must be the first message of the file.
  EXPECT_EQ(text.find("message "), text.find("message Reading {"));
}

TEST(SchemaId, AGuidIsSixteenBytesAsItsTextSays) {
  const std::string text = "89791762-2336-4186-9674-299b90a802e2";
  const auto guid = guid_from(text);
  ASSERT_EQ(guid.size(), 16);
  EXPECT_EQ(guid.substr(0, 4), "\x89\x79\x17\x62");
  EXPECT_EQ(to_text(guid), text);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(guid_from(text.substr(0, size)), "") << size;
  for (const auto* wrong : {"89791762-2336-4186-9674-299b90a802eX", "89791762-2336-4186-9674-299b90a80 e2",
                            "897917622336418696742999b90a802e2123", "89791762-2336-4186-9674-299b90a802e2 "})
    EXPECT_EQ(guid_from(wrong), "") << wrong;
}

TEST(SchemaId, OfRegistriesThatGiveGuidsItIsKept) {
  const auto answer =
      read_answer(Question::look_up, 200, R"({"id":7,"guid":"89791762-2336-4186-9674-299b90a802e2"})", "s");
  EXPECT_EQ(answer.id, (SchemaId{7, guid_from("89791762-2336-4186-9674-299b90a802e2")}));
  EXPECT_EQ(read_answer(Question::look_up, 200, R"({"id":7,"guid":5})", "s").id, SchemaId{7});
}

TEST(SchemaId, TheTypeIsSaid) {
  EXPECT_EQ(question_body(SchemaType::avro, "{}"), R"({"schemaType":"AVRO","schema":"{}"})");
  EXPECT_EQ(question_body(SchemaType::json, "{}"), R"({"schemaType":"JSON","schema":"{}"})");
}

}  // namespace
}  // namespace weather::registry
