#include "bridge/log/tools.hpp"

#include "bridge/log/identity.hpp"
#include "tests/unit/log/harness.hpp"

namespace weather::log {
namespace {

class ToolsTest : public LogTest {
 protected:
  Verdict verdict() {
    const auto verified = verify_log("/log", *files);
    EXPECT_TRUE(verified) << verified.error().message();
    findings.clear();
    if (!verified) return Verdict::clean;
    for (const auto& finding : verified->findings) findings += finding.file + ": " + finding.text + "\n";
    return verified->verdict;
  }
  std::string dump(const Range& range = {}, const std::string& dir = "/log") {
    std::string text;
    const auto done = dump_log(dir, *files, range, [&](const Entry& entry) {
      text += (text.empty() ? "" : " ") + show(entry);
      return true;
    });
    return done ? text : "error: " + done.error().message();
  }
  void deliver(Sequence next, std::uint64_t delivered) {
    log->advance("kafka", {.next = next, .delivered = delivered});
    ASSERT_TRUE(log->flush_cursors());
  }
  // Takes the process away without closing.
  void die() {
    auto survived = files->copy();
    log.reset();
    files = std::move(survived);
  }
  std::string findings;
};

TEST_F(ToolsTest, AFolderWithoutALogIsNotFound) {
  ASSERT_TRUE(files->make_dir("/log"));
  EXPECT_EQ(verify_log("/log", *files).error(), Errc::not_found);
  EXPECT_EQ(list_log("/nowhere", *files).error(), Errc::not_found);
}

TEST_F(ToolsTest, TheDataFolderWorksAsWell) {
  options.dir = "/data/log";
  open();
  write("a");
  close();
  EXPECT_EQ(dump({}, "/data"), "1=a");
}

TEST_F(ToolsTest, AClosedLogIsClean) {
  open();
  for (int i = 0; i < 30; ++i) write(std::string(20000, 'a'));
  close();
  EXPECT_EQ(verdict(), Verdict::clean) << findings;
}

TEST_F(ToolsTest, AKilledLogIsClean) {
  open();
  write("a");
  write("b");
  die();
  EXPECT_EQ(verdict(), Verdict::clean) << findings;
  EXPECT_EQ(dump(), "1=a 2=b");
}

TEST_F(ToolsTest, ATornLastWriteIsATornTail) {
  open();
  write("a");
  write("b");
  die();
  auto bytes = files->contents(segments().back());
  const auto second = bytes->begin() + 2 * 4096;
  std::fill(second + 66, second + 512, std::byte{0});
  EXPECT_EQ(verdict(), Verdict::torn_tail) << findings;
  EXPECT_EQ(dump(), "1=a");
}

TEST_F(ToolsTest, EveryFlippedBitOfACommittedBlockIsDamage) {
  open();
  write("hello");
  write("world");
  write("again");
  close();
  for (std::uint64_t offset = 4096; offset < 2 * 4096; ++offset) {
    flip(segments()[0], offset);
    EXPECT_EQ(verdict(), Verdict::damage) << offset << findings;
    flip(segments()[0], offset);
  }
  EXPECT_EQ(verdict(), Verdict::clean) << findings;
}

TEST_F(ToolsTest, ADamagedRecordIsToldInItsPlaceAndTheRestIsReadable) {
  open();
  write("a");
  write("b");
  write("c");
  close();
  flip(segments()[0], 2 * 4096 + 66);
  EXPECT_EQ(dump(), "1=a [2-2 damaged] 3=c");
  EXPECT_EQ(verdict(), Verdict::damage);
  EXPECT_NE(findings.find("record 2"), std::string::npos) << findings;
}

TEST_F(ToolsTest, AMissingSegmentIsLoss) {
  open();
  for (int i = 0; i < 40; ++i) write(std::string(20000, 'a'));
  close();
  ASSERT_GE(segments().size(), 4U);
  ASSERT_TRUE(files->remove(segments()[1]));
  EXPECT_EQ(verdict(), Verdict::loss) << findings;
}

TEST_F(ToolsTest, ATruncatedSegmentIsLoss) {
  open();
  write("a");
  write("b");
  close();
  files->contents(segments()[0])->resize(2 * 4096);
  EXPECT_EQ(verdict(), Verdict::loss) << findings;
  EXPECT_EQ(dump(), "1=a [2-2 missing]");
}

TEST_F(ToolsTest, BesideARunningLogItIsSeenAsRunning) {
  open();
  write("a");
  const auto listing = list_log("/log", *files, true);
  ASSERT_TRUE(listing);
  EXPECT_TRUE(listing->running);
  EXPECT_EQ(listing->durable, 1U);
  ASSERT_EQ(listing->segments.size(), 1U);
  EXPECT_EQ(listing->segments[0].records, 1U);
  EXPECT_EQ(verdict(), Verdict::clean) << findings;
  EXPECT_EQ(repair_log("/log", *files, clock, true).error(), Errc::locked);
}

// A segment that every cursor has passed goes while it is read: that is no damage. On a stopped log it is.
TEST_F(ToolsTest, ASegmentThatIsReleasedWhileItIsReadIsNoDamage) {
  open();
  for (int i = 0; i < 40; ++i) write(std::string(20000, 'a'));
  const auto first = segments()[0];
  int opened = 0;  // to list it, then to read it
  files->set_fault([&](MemoryFiles::Call call, const std::filesystem::path& path) {
    if (call == MemoryFiles::Call::open && path == first && ++opened == 2) deliver(30, 29);
    return std::error_code{};
  });
  EXPECT_EQ(verdict(), Verdict::clean) << findings;
  EXPECT_GE(opened, 2);
}

TEST_F(ToolsTest, AuditAddsUpAcrossACrash) {
  open();
  for (int i = 0; i < 10; ++i) write("x");
  log->advance("kafka", {.next = 7, .delivered = 5, .dead_lettered = 1});
  ASSERT_TRUE(log->flush_cursors());
  crash();
  for (int i = 0; i < 3; ++i) write("y");
  const auto audit = audit_log("/log", *files);
  ASSERT_TRUE(audit);
  ASSERT_EQ(audit->lines.size(), 1U);
  const auto& line = audit->lines[0];
  EXPECT_EQ(line.accepted, 13U);
  EXPECT_EQ(line.delivered, 5U);
  EXPECT_EQ(line.dead_lettered, 1U);
  EXPECT_EQ(line.waiting, 7U);
  EXPECT_TRUE(line.exact);
}

TEST_F(ToolsTest, AuditCountsWhatWasSentBeforeItsTurn) {
  open();
  for (int i = 0; i < 10; ++i) write("x");
  log->advance("kafka", {.next = 3, .delivered = 2, .delivered_ranges = {{6, 9, 2, 1}}});
  close();
  const auto audit = audit_log("/log", *files);
  ASSERT_TRUE(audit);
  const auto& line = audit->lines.at(0);
  EXPECT_EQ(line.delivered, 4U);
  EXPECT_EQ(line.dead_lettered, 1U);
  EXPECT_EQ(line.waiting, 5U);
  EXPECT_TRUE(line.exact);
}

TEST_F(ToolsTest, AuditFindsACursorThatDoesNotAddUp) {
  open();
  write("a");
  write("b");
  log->advance("kafka", {.next = 3, .delivered = 1});
  close();
  const auto audit = audit_log("/log", *files);
  ASSERT_TRUE(audit);
  EXPECT_FALSE(audit->lines.at(0).exact);
}

TEST_F(ToolsTest, AnExportCarriesTheBacklogAndItsIdsAndIsNotTakenTwice) {
  open();
  write("a");
  write("b");
  write("c");
  deliver(2, 1);
  const auto origin = log->id();
  close();
  ASSERT_TRUE(files->make_dir("/stick"));
  const auto exported = export_log("/log", "/stick/x", *files, {.unsent = "kafka"});
  ASSERT_TRUE(exported) << exported.error().message();
  EXPECT_EQ(exported->records, 2U);
  options.dir = "/other";
  options.random_seed = 8;
  open();
  write("own");
  close();
  const auto imported = import_log("/stick/x", "/other", *files, clock);
  ASSERT_TRUE(imported) << imported.error().message();
  EXPECT_EQ(imported->records, 2U);
  EXPECT_EQ(imported->from_id, origin);
  const auto fresh = import_log("/stick/x", "/nowhere/yet", *files, clock);
  ASSERT_TRUE(fresh) << "an empty data_dir becomes a log: " << fresh.error().message();
  EXPECT_EQ(fresh->records, 2U);
  const auto again = import_log("/stick/x", "/other", *files, clock);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->records, 0U);
  EXPECT_EQ(again->skipped, 2U);
  open();
  std::vector<std::string> ids;
  const auto reader = log->reader(1);
  const auto entries = reader->read(10, 1000);
  for (const auto& entry : *entries) {
    const auto known = identify(entry, log->id());
    ids.push_back(known.id + "=" +
                  std::string(reinterpret_cast<const char*>(known.payload.data()), known.payload.size()));
  }
  EXPECT_EQ(ids, (std::vector<std::string>{log->id() + "-1=own", origin + "-2=b", origin + "-3=c"}));
}

TEST_F(ToolsTest, ADamagedExportIsRefusedWhereItIsDamaged) {
  open();
  write("a");
  close();
  ASSERT_TRUE(files->make_dir("/stick"));
  ASSERT_TRUE(export_log("/log", "/stick/x", *files, {}));
  const auto whole = files->contents("/stick/x")->size();
  const auto refused = [&](const std::string& how) {
    auto untouched = files->copy();
    EXPECT_EQ(import_log("/stick/x", "/log", *files, clock).error(), Errc::corrupt) << how;
    files = std::move(untouched);
  };
  for (std::size_t offset = 0; offset < whole; ++offset) {
    flip("/stick/x", offset);
    refused("byte " + std::to_string(offset));
    flip("/stick/x", offset);
  }
  for (std::size_t size = whole; size-- > 0;) {
    files->contents("/stick/x")->resize(size);
    refused("the first " + std::to_string(size) + " bytes");
  }
}

TEST_F(ToolsTest, WithoutItsIdentityAndStateALogIsKnownByItsSegments) {
  open();
  write("a");
  const std::string id = log->id();
  close();
  ASSERT_TRUE(files->remove("/log/LOG"));
  ASSERT_TRUE(files->remove("/log/STATE"));
  const auto listed = list_log("/log", *files);
  ASSERT_TRUE(listed) << listed.error().message();
  EXPECT_EQ(listed->id, id);
  EXPECT_EQ(dump(), "1=a");
}

TEST_F(ToolsTest, RepairRebuildsAndMovesButNeverDeletes) {
  open();
  write("a");
  deliver(2, 1);
  write("b");
  close();
  const auto before = files->paths();
  flip("/log/STATE", 100);
  flip("/log/STATE", 4196);
  flip("/log/cursors/kafka.cur", 100);
  flip("/log/cursors/kafka.cur", 4196);
  EXPECT_EQ(verdict(), Verdict::damage);
  const auto planned = repair_log("/log", *files, clock, true);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->actions.size(), 3U);
  EXPECT_EQ(files->paths(), before);
  ASSERT_TRUE(repair_log("/log", *files, clock, false));
  EXPECT_EQ(verdict(), Verdict::clean) << findings;
  EXPECT_TRUE(files->contents("/log/quarantine/kafka.cur"));
  EXPECT_EQ(dump(), "1=a 2=b");
}

}  // namespace
}  // namespace weather::log
