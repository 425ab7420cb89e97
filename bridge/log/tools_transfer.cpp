#include <map>

#include "bridge/log/export_file.hpp"
#include "bridge/log/for_each.hpp"
#include "bridge/log/import_mark.hpp"
#include "bridge/log/manual.hpp"
#include "bridge/log/slot_file.hpp"
#include "bridge/log/tools_snapshot.hpp"

namespace weather::log {
namespace {

// The origin's sequences a record stands for: its own, or the range of a loss.
std::pair<Sequence, Sequence> covered(const Origin& origin) {
  if (origin.type == Type::loss) {
    if (const auto loss = decode_loss(origin.payload); loss && loss->first != 0)
      return {loss->first, loss->last};
  }
  return {origin.sequence, origin.sequence};
}

// The marks of every origin, and what was appended since they were written.
class Imports {
 public:
  Imports(Files& files, std::filesystem::path folder, const LogId& log)
      : files_(files), folder_(std::move(folder)), log_(log) {}

  Result<void> load(Snapshot& snapshot) {
    if (auto made = files_.make_dir(folder_); !made) return made;
    const auto names = files_.list(folder_);
    if (!names) return fail(names.error());
    // Without a mark nothing was imported before: every record still in the log is looked at.
    Sequence from = snapshot.catalog->end();
    for (const auto& name : *names) {
      if (!name.ends_with(".imp")) continue;
      auto& item = open(name.substr(0, name.size() - 4));
      if (const auto loaded = item.file->load()) item.mark = decode_import_mark(loaded->payload());
      from = std::min(from, item.mark.scanned + 1);
    }
    if (items_.empty()) from = snapshot.catalog->view().first;
    const auto reader = snapshot.reader(from);
    for (;;) {
      const auto entries = reader->read(read_at_once_records, read_at_once_bytes);
      if (!entries) return fail(entries.error());
      if (entries->empty()) return {};
      for (const auto& entry : *entries) {
        if (entry.type != Type::imported) continue;
        if (const auto origin = decode_origin(entry.payload)) add(*origin);
      }
    }
  }

  bool contains(const Origin& origin) {
    const auto [first, last] = covered(origin);
    return open(origin.log_id).mark.contains(first, last);
  }
  void add(const Origin& origin) {
    const auto [first, last] = covered(origin);
    open(origin.log_id).mark.add(first, last);
  }

  Result<void> save(Sequence scanned) {
    for (auto& [id, item] : items_) {
      item.mark.scanned = scanned;
      SlotBlock block{};
      encode_import_mark(item.mark, std::span(block).subspan<slot_header_bytes>());
      if (auto stored = item.file->store(log_, block); !stored) return stored;
    }
    return {};
  }

 private:
  struct Item {
    ImportMark mark;
    std::unique_ptr<SlotFile> file;
  };
  Item& open(const std::string& id) {
    auto& item = items_[id];
    if (!item.file) item.file = std::make_unique<SlotFile>(files_, folder_ / (id + ".imp"), import_magic);
    return item;
  }

  Files& files_;
  std::filesystem::path folder_;
  LogId log_;
  std::map<std::string, Item> items_;
};

// An empty data_dir becomes a log of its own.
Result<std::unique_ptr<Snapshot>> target_snapshot(const std::filesystem::path& dir, Files& files,
                                                  Clock& clock) {
  auto taken = take_snapshot(dir, files);
  if (taken || taken.error() != Errc::not_found) return taken;
  Options options;
  options.dir = dir;
  options.cursors.clear();
  auto made = open_manual(options, files, clock);
  if (!made) return fail(made.error());
  if (auto closed = (*made)->close(); !closed) return fail(closed.error());
  return take_snapshot(dir, files);
}

Result<std::unique_ptr<ManualLog>> open_target(const Snapshot& snapshot, Files& files, Clock& clock) {
  Options options;
  options.dir = snapshot.context.dir();
  options.on_full = OnFull::block;  // an import never pushes out what is there
  options.cursors.clear();
  for (const auto& cursor : snapshot.cursors) options.cursors.push_back(cursor.name);
  return open_manual(options, files, clock);
}

}  // namespace

Result<Transfer> export_log(const std::filesystem::path& dir, const std::filesystem::path& to, Files& files,
                            const Range& range, const Progress& progress) {
  const auto listing = list_log(dir, files);
  if (!listing) return fail(listing.error());
  Transfer transfer;
  transfer.from_id = listing->id;
  PlacedFiles placed(files);
  auto writer = ExportWriter::create(placed, to);
  if (!writer) return fail(writer.error());
  Result<void> written;
  const auto each = [&](const Entry& entry) {
    Origin origin{listing->id, entry.sequence, entry.type, entry.payload};
    if (entry.type == Type::imported) {
      if (auto inner = decode_origin(entry.payload)) origin = std::move(*inner);  // it keeps its first id
    }
    written = writer->add(origin, entry.time_ns);
    ++transfer.records;
    transfer.payload_bytes += origin.payload.size();
    return written.has_value();
  };
  const auto dumped = dump_log(dir, files, range, each, progress);
  if (!dumped) return fail(dumped.error());
  if (!written) return fail(written.error());
  if (auto done = writer->finish(); !done) return fail(done.error());
  transfer.verdict = *dumped;
  return transfer;
}

Result<Transfer> import_log(const std::filesystem::path& from, const std::filesystem::path& dir, Files& files,
                            Clock& clock, const Progress& progress) {
  PlacedFiles placed(files);
  auto file = placed.open(from, Mode::read);
  if (!file) return fail(file.error());
  const auto total = (*file)->size().value_or(0);
  const auto taken = target_snapshot(dir, files, clock);
  if (!taken) return fail(taken.error());
  auto log = open_target(**taken, files, clock);
  if (!log) return fail(log.error());
  Imports imports(files, (*taken)->context.dir() / "imports", (*taken)->context.id);
  if (auto loaded = imports.load(**taken); !loaded) return fail(loaded.error());
  Transfer transfer;
  const auto each = [&](const ExportedRecord& exported) -> Result<void> {
    transfer.from_id = exported.origin.log_id;
    if (imports.contains(exported.origin)) {
      ++transfer.skipped;
      return {};
    }
    const Record record{.time_ns = exported.time_ns, .type = Type::imported, .payload = exported.body};
    if (auto appended = (*log)->append({&record, 1}, Wait::grouped); !appended) return fail(appended.error());
    imports.add(exported.origin);
    ++transfer.records;
    transfer.payload_bytes += exported.origin.payload.size();
    return {};
  };
  const auto chunk_done = [&](std::uint64_t bytes) -> Result<void> {
    const auto appended = (*log)->status().appended;
    if (auto durable = (*log)->wait_durable(appended, std::chrono::seconds(30)); !durable)
      return fail(Errc::full);
    if (progress) progress(bytes, total);
    return imports.save(appended);
  };
  auto done = read_export(**file, each, chunk_done);
  if (auto closed = (*log)->close(); done && !closed) done = closed;
  if (!done) return fail(done.error());
  return transfer;
}

}  // namespace weather::log
