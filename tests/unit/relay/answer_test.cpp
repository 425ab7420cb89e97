#include "bridge/relay/answer.hpp"

#include <gtest/gtest.h>

namespace weather::bridge::relay {
namespace {

TEST(RelayAnswer, LooksAsWritten) {
  EXPECT_EQ(to_json({"site", 12, 907, 3, {}}),
            R"({"version":1,"gateway":"site","taken":12,"last":907,"again":3})");
  EXPECT_EQ(to_json({"site", 0, 0, 0, Answer::Refused{"too_large", "x"}}),
            R"({"version":1,"gateway":"site","taken":0,"last":0,"again":0,)"
            R"("refused":{"error":"too_large","detail":"x"}})");
}

TEST(RelayAnswer, WhatWasWrittenIsRead) {
  for (const Answer& answer :
       {Answer{"site", 12, 907, 3, {}}, Answer{"s\"\\", 1, ~std::uint64_t{0}, 0, Answer::Refused{"a", "b"}}})
    EXPECT_EQ(answer_from(to_json(answer)), answer);
}

TEST(RelayAnswer, NothingElseIsOne) {
  const auto whole = to_json({"site", 12, 907, 3, Answer::Refused{"too_large", "x"}});
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(answer_from(whole.substr(0, size)));
  for (const auto* text : {"{}", "[]", "<html>log in here</html>", R"({"version":2,"taken":1,"last":1})",
                           R"({"version":1,"taken":-1,"last":1})", R"({"version":1,"taken":"1","last":1})",
                           R"({"version":1,"taken":1,"last":1,"refused":"no"})"})
    EXPECT_FALSE(answer_from(text)) << text;
}

TEST(RelayAnswer, AProblemIsToldWithoutWhatATerminalWouldTakeForAnOrder) {
  EXPECT_EQ(problem_text(R"({"error":"loop","detail":"a\u001b[2Jb"})"), "loop: a [2Jb");
  EXPECT_EQ(problem_text("Bad Gateway"), "");
  EXPECT_EQ(problem_error(R"({"error":"unknown_version"})"), "unknown_version");
}

}  // namespace
}  // namespace weather::bridge::relay
