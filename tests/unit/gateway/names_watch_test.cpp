#include "gateway/app/names_watch.hpp"

#include <gmock/gmock.h>

namespace weather::gateway {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct NamesWatchTest : ::testing::Test {
  std::vector<std::string> look(const NamesWatch::Names& names, int minute) {
    const auto known = [this] {
      ++asked_;
      return sensors_;
    };
    return watch_.look(names, known, NamesWatch::TimePoint(minutes(minute)));
  }

  NamesWatch watch_;
  std::set<std::string> sensors_;
  int asked_ = 0;
};

TEST_F(NamesWatchTest, AnIdThatNeverComesIsToldOnceWithWhatWasMeant) {
  sensors_ = {"cellar", "acurite-1120"};
  const NamesWatch::Names names{{"acurite-112O", "roof"}, {"acurite-7", "cellar"}};
  EXPECT_THAT(look(names, 0), IsEmpty());
  EXPECT_THAT(look(names, 59), IsEmpty());
  EXPECT_EQ(asked_, 0) << "asked for the sensors before it was time";
  EXPECT_THAT(
      look(names, 60),
      ElementsAre("[sensors.names] calls \"acurite-112O\" roof, and nothing has come from that id for "
                  "an hour; did you mean \"acurite-1120\"?"));
  EXPECT_THAT(look(names, 600), IsEmpty());
  EXPECT_EQ(asked_, 1);
}

TEST_F(NamesWatchTest, ASensorThatHasANameIsNotWhatWasMeant) {
  sensors_ = {"roof2"};
  const NamesWatch::Names names{{"a", "roof2"}, {"roof1", "attic"}};
  look(names, 0);
  EXPECT_THAT(look(names, 61), ElementsAre("[sensors.names] calls \"roof1\" attic, and nothing has come from "
                                           "that id for an hour; weather-gateway sensors lists the ids"));
}

TEST_F(NamesWatchTest, ANameThatIsNewHasAnHourOfItsOwn) {
  look({{"a", "roof"}}, 0);
  EXPECT_THAT(look({{"b", "roof"}}, 60), IsEmpty());
  EXPECT_THAT(look({{"b", "attic"}}, 119), IsEmpty());
  EXPECT_EQ(look({{"b", "attic"}}, 179).size(), 1U);
}

}  // namespace
}  // namespace weather::gateway
