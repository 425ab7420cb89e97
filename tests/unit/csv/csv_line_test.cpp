#include "sensors/csv/csv_line.hpp"

#include <random>

#include <gtest/gtest.h>

namespace weather::sensors {
namespace {

using Cells = std::vector<std::string>;

TEST(CsvLine, CellsOfALine) {
  const struct {
    const char* line;
    char delimiter;
    Cells cells;
  } cases[] = {
      {"a,b,c", ',', {"a", "b", "c"}},
      {"a,,c,", ',', {"a", "", "c", ""}},
      {"", ',', {""}},
      {",", ',', {"", ""}},
      {" a , b ", ',', {"a", "b"}},
      {R"("a,b","say ""x""", "c" )", ',', {"a,b", "say \"x\"", "c"}},
      {R"(a"b,c)", ',', {"a\"b", "c"}},
      {"\"\",\" \"", ',', {"", " "}},
      {"1,5;2,5", ';', {"1,5", "2,5"}},
      {"a\tb\t\tc", '\t', {"a", "b", "", "c"}},
      {"  a   b\t c  ", ' ', {"a", "b", "c"}},
      {"\"a b\" c", ' ', {"a b", "c"}},
      {"   ", ' ', {}},
      {"a,b\r", ',', {"a", "b"}},
  };
  for (const auto& [line, delimiter, cells] : cases) {
    const auto got = split_csv(line, delimiter);
    ASSERT_TRUE(got) << line << ": " << got.error();
    EXPECT_EQ(*got, cells) << line;
  }
}

TEST(CsvLine, WhatIsNoCellIsSaidWithItsPlace) {
  EXPECT_EQ(split_csv("a,\"b", ',').error(), "the quote at byte 2 is not closed");
  EXPECT_EQ(split_csv("\"a\"b,c", ',').error(), "text at byte 3, behind a closed quote");
  EXPECT_FALSE(split_csv("\"a\"b c", ' '));
}

// Whatever the cells are, a line that quotes them all says them again.
TEST(CsvLine, QuotedCellsComeBack) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    std::mt19937 engine(seed);
    const auto random = [&engine] { return static_cast<unsigned>(engine()); };
    const char delimiter = ",;\t| "[random() % 5];
    Cells cells;
    std::string line;
    for (unsigned i = 0, n = 1 + random() % 6; i < n; ++i) {
      std::string cell, quoted;
      for (unsigned k = 0, length = random() % 8; k < length; ++k) {
        cell += "a\",; \t|1\xC3"[random() % 9];
        quoted += cell.back() == '"' ? std::string("\"\"") : std::string(1, cell.back());
      }
      cells.push_back(cell);
      if (i > 0) line += delimiter;
      line.append("\"").append(quoted).append("\"");
    }
    const auto got = split_csv(line, delimiter);
    ASSERT_TRUE(got) << seed << ": " << line << ": " << got.error();
    EXPECT_EQ(*got, cells) << seed << ": " << line;
  }
}

}  // namespace
}  // namespace weather::sensors
