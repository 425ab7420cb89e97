// The client by itself: what it reports for what the other side answers.
#include "bridge/relay/client.hpp"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/relay_codes.hpp"
#include "bridge/encode/relayed_record.hpp"
#include "bridge/log/bytes.hpp"
#include "bridge/relay/batch.hpp"

namespace weather::bridge::relay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class HandScheduler final : public Scheduler {
 public:
  void post(std::function<void()> call) override { posted_.push_back(std::move(call)); }
  TimerId after(std::chrono::milliseconds time, std::function<void()> call) override {
    timers_[++last_] = {time, std::move(call)};
    return last_;
  }
  void cancel(TimerId timer) override { timers_.erase(timer); }
  double random() override { return 0.5; }
  int local_minute_of_week(std::int64_t) override { return 0; }

  void run() {
    while (!posted_.empty()) {
      const auto call = std::move(posted_.front());
      posted_.pop_front();
      call();
    }
  }
  // All timers of up to this time, once.
  void pass(std::chrono::milliseconds time) {
    const auto timers = timers_;
    for (const auto& [id, timer] : timers)
      if (timer.first <= time && timers_.erase(id) != 0) timer.second();
    run();
  }

 private:
  std::deque<std::function<void()>> posted_;
  std::map<TimerId, std::pair<std::chrono::milliseconds, std::function<void()>>> timers_;
  TimerId last_ = 0;
};

struct FakeLine final : Line {
  void post(std::string body, std::function<void(const LineAnswer&)> done) override {
    ASSERT_FALSE(waiting) << "a second request while one is under way";
    asked.push_back(std::move(body));
    waiting = std::move(done);
  }
  void cancel() override { waiting = nullptr; }
  std::vector<std::string> asked;
  std::function<void(const LineAnswer&)> waiting;
};

struct Heard final : ReportsOnly {
  void on_report(Window::Id id, int code) override { reports.emplace_back(id, code); }
  void on_error(int code, const std::string& text) override { errors.emplace_back(code, text); }
  void on_statistics(std::string_view json) override { statistics.emplace_back(json); }
  std::vector<std::pair<Window::Id, int>> reports;
  std::vector<std::pair<int, std::string>> errors;
  std::vector<std::string> statistics;
};

class RelayClient : public testing::Test {
 protected:
  RelayClient() { scheduler_.run(); }

  void give(Window::Id id, std::size_t bytes = 10) {
    log::Origin origin{sender_.log_id, id, log::Type::reading, {}, "pi"};
    origin.sender = sender_;
    origin.sender->sequence = id;
    std::vector<std::byte> value;
    const std::string payload(bytes, 'x');
    origin.payload = log::bytes_of(payload);
    encode_relayed(1, origin, value);
    KafkaRecord record;
    record.value = {reinterpret_cast<const char*>(value.data()), value.size()};
    ASSERT_EQ(client_.produce(record, id), 0);
  }
  void answer(unsigned status, std::string body = {}, std::chrono::seconds retry_after = {}) {
    ASSERT_TRUE(line_->waiting) << "nothing was asked";
    LineAnswer said;
    said.status = status;
    said.body = std::move(body);
    said.retry_after = retry_after;
    const auto done = std::exchange(line_->waiting, nullptr);
    done(said);
    scheduler_.run();
  }
  void taken(std::uint64_t count, std::optional<Answer::Refused> refused = {}) {
    answer(200, to_json({"site", count, count, 0, std::move(refused)}));
  }
  std::size_t records_asked() const {
    return decode_batch(log::bytes_of(line_->asked.back()))->records.size();
  }

  const log::Sender sender_{"pi", std::string(32, 'a'), "site", 0, false};
  HandScheduler scheduler_;
  Heard heard_;
  FakeLine* line_ = new FakeLine;
  Client client_{scheduler_, std::unique_ptr<Line>(line_), sender_, "site:8443", heard_};
};

TEST_F(RelayClient, AsksFirstAndThenSendsInOrderAndReportsInOrder) {
  EXPECT_EQ(records_asked(), 0U);
  for (Window::Id id = 1; id <= 3; ++id) give(id);
  taken(0);
  EXPECT_THAT(heard_.statistics.back(), HasSubstr(R"("site:8443":{"state":"UP")"));
  EXPECT_EQ(records_asked(), 3U);
  EXPECT_TRUE(heard_.reports.empty());
  taken(3);
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, 0), Pair(2, 0), Pair(3, 0)));
}

TEST_F(RelayClient, OnlyWhatWasTakenIsReportedAndTheRestGoesNext) {
  for (Window::Id id = 1; id <= 3; ++id) give(id);
  taken(0);
  taken(2);
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, 0), Pair(2, 0)));
  EXPECT_EQ(records_asked(), 1U);
}

TEST_F(RelayClient, WithoutAnAnswerTheSameComesAgain) {
  give(1);
  taken(0);
  const auto first = line_->asked.back();
  answer(503, R"({"error":"not_stored","detail":"the log is full"})", std::chrono::seconds(5));
  EXPECT_TRUE(heard_.reports.empty());
  EXPECT_EQ(heard_.errors.back().first, code::all_brokers_down);
  EXPECT_THAT(heard_.errors.back().second, HasSubstr("the log is full"));
  scheduler_.pass(std::chrono::milliseconds(4'999));
  EXPECT_FALSE(line_->waiting) << "before Retry-After";
  scheduler_.pass(std::chrono::milliseconds(5'000));
  EXPECT_EQ(line_->asked.back(), first);
  taken(1);
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, 0)));
}

TEST_F(RelayClient, ARefusedRecordHoldsBackWhatFollowsUntilThatWasGivenBack) {
  for (Window::Id id = 1; id <= 4; ++id) give(id);
  taken(0);
  taken(1, Answer::Refused{"too_large", "x"});
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, 0), Pair(2, record_too_large)));
  EXPECT_FALSE(line_->waiting) << "what follows would overtake it";
  client_.purge(false);
  scheduler_.run();
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, 0), Pair(2, record_too_large), Pair(3, code::purge_queue),
                                          Pair(4, code::purge_queue)));
  give(5);
  scheduler_.run();
  EXPECT_EQ(records_asked(), 1U);
}

TEST_F(RelayClient, ALoginThatIsRefusedIsReportedOfEachAndNothingIsGivenUp) {
  give(1);
  answer(401);
  EXPECT_EQ(heard_.errors.back().first, code::authentication);  // nothing was sent yet: the line is told of
  scheduler_.pass(std::chrono::seconds(10));
  answer(401);
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, code_of(401))));
  EXPECT_EQ(classify(heard_.reports.back().second), ErrorClass::blocked);
}

TEST_F(RelayClient, APageThatAsksForALoginIsNoAnswer) {
  give(1);
  answer(200, "<html>Welcome to the hotel</html>");
  scheduler_.pass(std::chrono::seconds(10));
  answer(200, "<html>Welcome to the hotel</html>");
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, not_a_relay)));
}

TEST_F(RelayClient, AProxyThatTakesLessGetsLessAtOnce) {
  for (Window::Id id = 1; id <= 4; ++id) give(id);
  taken(0);
  answer(413);
  EXPECT_EQ(records_asked(), 2U);
  answer(413);
  EXPECT_EQ(records_asked(), 1U);
  answer(413);
  EXPECT_THAT(heard_.reports, ElementsAre(Pair(1, code_of(413))));
}

TEST_F(RelayClient, ABatchHasItsBounds) {
  for (Window::Id id = 1; id <= 600; ++id) give(id);
  taken(0);
  EXPECT_EQ(records_asked(), most_batch_records);
  taken(most_batch_records);
  EXPECT_EQ(records_asked(), 100U);
  for (Window::Id id = 601; id <= 603; ++id) give(id, 100'000);
  taken(100);
  EXPECT_EQ(records_asked(), 2U);
  KafkaRecord record;
  const std::string large(most_record_bytes + 1, 'x');
  record.value = large;
  EXPECT_EQ(client_.produce(record, 9), record_too_large);
}

TEST_F(RelayClient, APurgeOfEverythingEndsTheRequestAndLateAnswersAreNotHeard) {
  give(1);
  taken(0);
  const auto late = line_->waiting;
  client_.purge(true);
  scheduler_.run();
  ASSERT_EQ(heard_.reports.size(), 1U);
  EXPECT_NE(heard_.reports.front().second, 0);
  EXPECT_FALSE(line_->waiting);
}

TEST_F(RelayClient, AFlushEndsWithTheLastReportOrItsTime) {
  give(1);
  taken(0);
  int flushed = 0;
  client_.flush(std::chrono::seconds(2), [&] { ++flushed; });
  scheduler_.run();
  EXPECT_EQ(flushed, 0);
  taken(1);
  EXPECT_EQ(flushed, 1);
  give(2);
  scheduler_.run();
  client_.flush(std::chrono::seconds(2), [&] { ++flushed; });
  scheduler_.pass(std::chrono::seconds(2));
  EXPECT_EQ(flushed, 2);
}

}  // namespace
}  // namespace weather::bridge::relay
