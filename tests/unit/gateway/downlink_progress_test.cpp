#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/downlink/audit.hpp"
#include "gateway/downlink/bundle.hpp"
#include "gateway/downlink/progress.hpp"
#include "gateway/status/status.hpp"
#include "tests/unit/gateway/downlink_messages.hpp"

namespace weather::gateway::downlink {
namespace {

using ::testing::HasSubstr;

void add(LastWords& words, const Message& message) {
  words[record_key(message)] = sealed_by_centre(message);
}

std::string beat(const std::string& gateway, const std::string& group) {
  return R"({"schema_version":1,"gateway":")" + gateway + R"(","state":"online","group":)" +
         (group.empty() ? "null" : "\"" + group + "\"") + "}";
}

void answer(LastWords& words, const std::string& gateway, const Message& message, const std::string& event) {
  const Note note{{"centre", message.to, subject_of(message), message.serial}, event, "", sent_s};
  words[audit_key(gateway, note.of)] = audit_record(gateway, note);
}

TEST(DownlinkProgress, each_gateway_is_counted_once_by_its_last_word) {
  LastWords sent, said;
  const auto to_all = message_of(Kind::config_set, 4), to_north = message_of(Kind::reload, 9, "group:north");
  add(sent, to_all);
  add(sent, to_north);
  const std::array<std::string, 5> events{"committed", "reverted", "trial", "refused", "open"};
  for (int i = 0; i < 500; ++i) {
    const auto id = "pi-" + std::to_string(i);
    said[id] = beat(id, i % 2 == 0 ? "north" : "");
    const auto& event = events.at(static_cast<std::size_t>(i) % events.size());
    if (event != "open") answer(said, id, to_all, event);
  }
  said["pi-0/downlink/refused/forged"] = refusals_record("pi-0", Refusal::forged, 3, "x", sent_s);
  said["pi-1/downlink/elsewhere"] =
      audit_record("pi-9", {{"centre", "all", "config/faster", 4}, "refused", "", 1});
  const auto all = progress(sent, said);
  ASSERT_EQ(all.size(), 2U);
  for (const auto& one : all) {
    const bool wide = one.message.to == "all";
    EXPECT_EQ(one.answers.size(), wide ? 500U : 250U);
    for (const std::string_view event : events)
      EXPECT_EQ(one.count({event}), wide ? 100U : event == "open" ? 250U : 0U) << event;
  }
}

TEST(DownlinkProgress, an_answer_to_another_serial_is_no_answer) {
  LastWords sent, said;
  const auto newer = message_of(Kind::config_set, 5), older = message_of(Kind::config_set, 4);
  add(sent, newer);
  said["pi-1"] = beat("pi-1", "");
  answer(said, "pi-1", older, "committed");
  EXPECT_EQ(progress(sent, said).front().count({"open"}), 1U);
  add(sent, older);
  answer(said, "pi-1", newer, "committed");
  EXPECT_EQ(progress(sent, said).front().count({"superseded"}), 1U);
  const Note of_other{{"other", "all", "config/faster", 4}, "committed", "", sent_s};
  said[audit_key("pi-1", of_other.of)] = audit_record("pi-1", of_other);
  EXPECT_EQ(progress(sent, said).front().count({"open"}), 1U);
}

TEST(DownlinkProgress, one_that_was_never_heard_of_is_open) {
  LastWords sent;
  add(sent, message_of(Kind::drain, 1, "gateway:pi-dark"));
  const auto all = progress(sent, {});
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all.front().answers.size(), 1U);
  EXPECT_EQ(all.front().answers.front().gateway, "pi-dark");
  EXPECT_NE(to_text(all, true).find("pi-dark: open"), std::string::npos);
  EXPECT_EQ(boost::json::parse(to_json(all)).at("messages").at(0).at("counts").at("open"), 1);
}

TEST(DownlinkProgress, the_next_serial_goes_by_what_this_key_has_signed_for_this_target) {
  LastWords sent;
  const auto next = [&sent](const std::string& to) {
    return next_serial(sent, "centre", centre().public_key(), to);
  };
  EXPECT_EQ(next("all"), 1U);
  add(sent, message_of(Kind::config_set, 7));
  add(sent, message_of(Kind::reload, 9));
  add(sent, message_of(Kind::reload, 20, "gateway:x"));
  sent["x"] = sealed("centre", SecretKey::make(), to_json(message_of(Kind::drain, 1'000'000)));
  sent["y"] = sealed("other", centre(), to_json(message_of(Kind::drain, 1'000'000)));
  sent["z"] = "nonsense";
  EXPECT_EQ(next("all"), 10U);
  EXPECT_EQ(next("gateway:x"), 21U);
}

TEST(DownlinkStatusText, one_line_says_what_it_does) {
  Status status;
  EXPECT_EQ(weather::gateway::to_text(status).find("downlink"), std::string::npos);
  status.downlink.on = true;
  status.downlink.taken = 2;
  status.downlink.refused = {{"forged", 3}, {"stale", 0}};
  status.downlink.drop_ins = {"slow"};
  EXPECT_NE(weather::gateway::to_text(status).find("downlink listening: 2 taken, 3 forged; 1 drop-in\n"),
            std::string::npos);
  status.downlink.doing = "on trial: x";
  status.downlink.trouble = "no such topic";
  EXPECT_NE(weather::gateway::to_text(status).find(
                "downlink on trial: x: 2 taken, 3 forged; 1 drop-in; no such topic\n"),
            std::string::npos);
}

TEST(DownlinkAudit, a_note_is_read_as_it_was_written) {
  const Note note{{"centre", "group:north", "config/a.b", 12}, "reverted", "Kafka \"x\"\n", sent_s};
  const auto audit = audit_from(audit_record("pi/roof", note));
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->gateway, "pi/roof");
  EXPECT_EQ(audit->note, note);
  EXPECT_FALSE(audit_from(refusals_record("pi", Refusal::forged, 3, "x", sent_s)));
  for (const char* other : {"", "{}", "[]", R"({"subject":1})"}) EXPECT_FALSE(audit_from(other)) << other;
}

TEST(Bundle, IsOneRecordThatIsNoWordOfAMessage) {
  EXPECT_EQ(bundle_key("pi-roof", "group:north"), "pi-roof/downlink/group:north/bundle/content");
  BundleContent content{"pi-roof", "0.1.0", sent_s, "gateway.id = \"pi-roof\"\n", R"({"log":{"unsent":3}})"};
  const auto record = bundle_record(content);
  ASSERT_TRUE(record);
  EXPECT_THAT(*record, HasSubstr(R"("status":{"log":{"unsent":3}})"));
  EXPECT_THAT(*record, HasSubstr(R"("configuration":"gateway.id = \"pi-roof\"\n")"));
  EXPECT_FALSE(audit_from(*record));
  content.configuration.assign(most_bundle_bytes, 'x');
  EXPECT_THAT(bundle_record(content).error(), HasSubstr("more than the 921600"));
}

}  // namespace
}  // namespace weather::gateway::downlink
