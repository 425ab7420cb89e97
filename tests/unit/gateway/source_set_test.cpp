#include "gateway/app/source_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include "gateway/app/reload.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using testing::ElementsAre;

// Writes down what happens to it.
class Fake final : public Source {
 public:
  Fake(std::string name, std::vector<std::string>& reported, std::string missing = {})
      : name_(std::move(name)), reported_(reported), missing_(std::move(missing)) {}
  std::string missing() const override { return missing_; }
  void start() override { reported_.push_back("start " + name_); }
  std::future<void> stop() override {
    reported_.push_back("stop " + name_);
    return {};
  }
  bool read_files_again() override { return name_ == "listener"; }
  SourceStatus status() const override { return {name_, "fake", true, "", {}}; }

 private:
  const std::string name_;
  std::vector<std::string>& reported_;
  const std::string missing_;
};

class Sources : public testing::Test {
 protected:
  std::vector<std::unique_ptr<Source>> make(const Config& config) {
    std::vector<std::unique_ptr<Source>> made;
    for (const auto& mqtt : config.mqtt) {
      if (mqtt.url == "bad") throw StartError(EX_CONFIG, "bad mqtt");
      made.push_back(std::make_unique<Fake>(mqtt.url, reported));
    }
    for (const auto& listener : config.listener) {
      if (listener.listen == "taken") throw StartError(EX_CONFIG, "port taken");
      made.push_back(
          std::make_unique<Fake>("listener", reported, listener.listen == "later" ? "no address" : ""));
    }
    return made;
  }
  static Config config(const std::string& url, const std::string& listen = "free") {
    Config result;
    result.mqtt.emplace_back().url = url;
    result.listener.emplace_back().listen = listen;
    return result;
  }

  std::vector<std::string> reported;
  SourceSet set{[this](const Config& config) { return make(config); }};
};

TEST_F(Sources, AChangedSectionIsReplacedAndTheOthersAreLeftAlone) {
  set.make(config("a"));
  set.start();
  reported.clear();
  set.replace({"mqtt"}, config("a"), config("b"));
  EXPECT_THAT(reported, ElementsAre("stop a", "start b"));
  EXPECT_EQ(set.status().size(), 2U);
}

TEST_F(Sources, WhatCannotBeMadeChangesNothing) {
  set.make(config("a"));
  set.start();
  reported.clear();
  EXPECT_THROW(set.replace({"mqtt"}, config("a"), config("bad")), StartError);
  EXPECT_TRUE(reported.empty());
  EXPECT_EQ(set.status().front().name, "a");
}

TEST_F(Sources, ATakenPortBringsTheOldListenerBack) {
  set.make(config("a"));
  set.start();
  reported.clear();
  EXPECT_THROW(set.replace({"listener", "mqtt"}, config("a"), config("b", "taken")), StartError);
  EXPECT_THAT(reported, ElementsAre("stop listener", "stop a", "start listener", "start a"));
}

TEST_F(Sources, OnlyThoseThatCanReadTheirFilesAgainWithoutABreak) {
  set.make(config("a"));
  EXPECT_TRUE(set.read_files_again("listener"));
  EXPECT_FALSE(set.read_files_again("mqtt"));
}

TEST(SourceSections, AreAllThatMayComeSeveralTimes) {
  std::vector<std::string> repeated{"modbus"};  // read by sensors/buses itself
  for (const auto& section : source_sections())
    if (section.repeated) repeated.emplace_back(section.name);
  EXPECT_THAT(source_section_names(), testing::UnorderedElementsAreArray(repeated));
}

TEST(ReloadReport, SaysWhatTookEffectAndWhatWaits) {
  EXPECT_EQ(to_text(ReloadReport{true, {}, {}, {}}),
            "the configuration is good and has not changed; Kafka is tried at once");
  EXPECT_EQ(to_text(ReloadReport{true, {}, {"mqtt", "kafka"}, {"log.max_bytes"}}),
            "the configuration was read again: mqtt, kafka; restart to use log.max_bytes");
  EXPECT_EQ(to_text(ReloadReport{false, {"x"}, {}, {}}), "the configuration stays as it was: x");
}

TEST_F(Sources, AReloadDoesNotEndWhatListensForWhatIsNotThereYet) {
  set.make(config("a"));
  set.start();
  reported.clear();
  EXPECT_THROW(set.replace({"listener"}, config("a"), config("a", "later")), StartError);
  EXPECT_THAT(reported, ElementsAre("stop listener", "start listener"));
}

TEST_F(Sources, WhatWaitsAlreadyMayBeChangedToWaitForSomethingElse) {
  set.make(config("a", "later"));
  set.start();
  EXPECT_NO_THROW(set.replace({"listener"}, config("a", "later"), config("b", "later")));
}

}  // namespace
}  // namespace weather::gateway
