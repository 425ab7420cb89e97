#include "tests/crash/disk.hpp"

#include <algorithm>
#include <cstring>

namespace weather::log::test {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::optional<Inode> Disk::find(const std::string& path) const {
  const auto it = names_.find(path);
  return it == names_.end() ? std::nullopt : std::optional(it->second);
}

Disk::FileState& Disk::own(Inode inode) {
  auto& file = files_.at(inode);
  // Held once more, which is ordered behind a thread that let go of a copy; use_count() alone is not.
  const auto held = file;
  if (held.use_count() > 2) file = std::make_shared<FileState>(*held);
  return *file;
}

void Disk::apply(const NameChange& change, Names& names, std::set<std::string>& folders) {
  const auto erase = [&] {
    const auto it = names.find(change.from);
    if (it != names.end() && it->second == change.inode) names.erase(it);
  };
  switch (change.kind) {
    case NameChange::Kind::create:
      names[change.from] = change.inode;
      break;
    case NameChange::Kind::remove:
      erase();
      break;
    case NameChange::Kind::rename:
      // Also when an earlier rename of this file was not found: no journal gives a file two names.
      std::erase_if(names, [&](const auto& name) { return name.second == change.inode; });
      names[change.to] = change.inode;
      break;
    case NameChange::Kind::make_folder:
      folders.insert(change.from);
      break;
  }
}

Inode Disk::create(const std::string& path) {
  const Inode inode = next_inode_++;
  files_[inode] = std::make_shared<FileState>();
  unsynced_names_.push_back({NameChange::Kind::create, inode, path, {}, false, true});
  apply(unsynced_names_.back(), names_, folders_);
  return inode;
}

void Disk::rename(const std::string& from, const std::string& to) {
  unsynced_names_.push_back({NameChange::Kind::rename, names_.at(from), from, to, false, false});
  apply(unsynced_names_.back(), names_, folders_);
}

void Disk::remove(const std::string& path) {
  unsynced_names_.push_back({NameChange::Kind::remove, names_.at(path), path, {}, false, true});
  apply(unsynced_names_.back(), names_, folders_);
}

void Disk::make_folder(const std::string& path) {
  unsynced_names_.push_back({NameChange::Kind::make_folder, 0, path, {}, false, true});
  apply(unsynced_names_.back(), names_, folders_);
}

void Disk::sync_folder(const std::string& path) {
  std::vector<NameChange> left;
  for (auto& change : unsynced_names_) {
    change.from_synced |= folder_of(change.from) == path;
    change.to_synced |= !change.to.empty() && folder_of(change.to) == path;
    if (change.from_synced && change.to_synced) {
      apply(change, durable_names_, durable_folders_);
    } else {
      left.push_back(std::move(change));
    }
  }
  unsynced_names_ = std::move(left);
}

std::vector<std::string> Disk::list(const std::string& folder) const {
  std::vector<std::string> found;
  const auto take = [&](const std::string& path) {
    if (folder_of(path) == folder) found.push_back(path.substr(path.rfind('/') + 1));
  };
  for (const auto& [path, inode] : names_) take(path);
  for (const auto& path : folders_) take(path);
  return found;
}

std::vector<std::string> Disk::all_files() const {
  std::vector<std::string> found;
  for (const auto& [path, inode] : names_) found.push_back(path);
  return found;
}

std::size_t Disk::read(Inode inode, std::uint64_t offset, std::span<std::byte> to) const {
  const Content& content = files_.at(inode)->now;
  if (offset >= content.size) return 0;
  const std::size_t n = std::min<std::uint64_t>(to.size(), content.size - offset);
  for (std::size_t done = 0; done < n;) {
    const std::size_t in_page = (offset + done) % page_bytes;
    const std::size_t step = std::min(n - done, page_bytes - in_page);
    const auto& page = content.pages[(offset + done) / page_bytes];
    if (page) {
      std::memcpy(to.data() + done, page->data() + in_page, step);
    } else {
      std::memset(to.data() + done, 0, step);
    }
    done += step;
  }
  return n;
}

namespace {
PagePtr overwritten(const PagePtr& old, std::size_t at, std::span<const std::byte> bytes) {
  static constexpr Page zeros{};
  if (bytes.size() == page_bytes && std::memcmp(bytes.data(), zeros.data(), page_bytes) == 0) return nullptr;
  auto page = old ? std::make_shared<Page>(*old) : std::make_shared<Page>();
  std::memcpy(page->data() + at, bytes.data(), bytes.size());
  return page;
}

void grow(Content& content, std::uint64_t size) {
  content.size = std::max(content.size, size);
  content.pages.resize((content.size + page_bytes - 1) / page_bytes);
}
}  // namespace

void Disk::write(Inode inode, std::uint64_t offset, std::span<const std::byte> from) {
  FileState& file = own(inode);
  grow(file.now, offset + from.size());
  for (std::size_t done = 0; done < from.size();) {
    const std::uint64_t index = (offset + done) / page_bytes;
    const std::size_t in_page = (offset + done) % page_bytes;
    const std::size_t step = std::min(from.size() - done, page_bytes - in_page);
    auto& page = file.now.pages[index];
    page = overwritten(page, in_page, from.subspan(done, step));
    file.unsynced.push_back({index, page});
    done += step;
  }
}

void Disk::sync_data(Inode inode) {
  FileState& file = own(inode);
  grow(file.durable, file.now.size);
  for (const auto& write : file.unsynced) file.durable.pages[write.page] = write.after;
  file.unsynced.clear();
}

void Disk::fail_sync(Inode inode, Random& random) {
  FileState& file = own(inode);
  grow(file.durable, file.now.size);
  for (const auto& write : file.unsynced) {
    if (random.one_in(2)) file.durable.pages[write.page] = write.after;
  }
  file.unsynced.clear();
}

void Disk::drop_cached(Inode inode) {
  FileState& file = own(inode);
  const auto size = file.now.size;
  file.now = file.durable;
  grow(file.now, size);
  for (const auto& write : file.unsynced) file.now.pages[write.page] = write.after;
}

void Disk::damage(Inode inode, std::uint64_t offset, std::span<const std::byte> bytes) {
  write(inode, offset, bytes);
  sync_data(inode);
}

void Disk::truncate(Inode inode, std::uint64_t size) {
  FileState& file = own(inode);
  file.now.size = size;
  file.now.pages.resize((size + page_bytes - 1) / page_bytes);
  if (size % page_bytes != 0 && file.now.pages.back()) {
    auto last = std::make_shared<Page>(*file.now.pages.back());
    std::fill(last->begin() + static_cast<std::ptrdiff_t>(size % page_bytes), last->end(), std::byte{0});
    file.now.pages.back() = last;
  }
  file.unsynced.clear();
  file.durable = file.now;
}

std::uint64_t Disk::used() const {
  std::uint64_t pages = 0;
  for (const auto& [path, inode] : names_) pages += files_.at(inode)->now.pages.size();
  return pages * page_bytes;
}

Content Disk::cut_content(const FileState& file, Cut cut, Random& random) {
  Content found = file.durable;
  if (cut == Cut::omit_all || (file.unsynced.empty() && file.now.size == file.durable.size)) return found;
  if (cut == Cut::keep_all) {
    grow(found, file.now.size);
    for (const auto& write : file.unsynced) found.pages[write.page] = write.after;
    return found;
  }
  // The length is meta data of its own: old, new, or as far as some write went.
  if (file.now.size > found.size && !random.one_in(3)) {
    grow(found, random.one_in(2) ? file.now.size : random.between(found.size, file.now.size));
  }
  std::map<std::uint64_t, std::vector<PagePtr>> versions;
  for (const auto& write : file.unsynced) versions[write.page].push_back(write.after);
  for (auto& [index, list] : versions) {
    if (index >= found.pages.size()) continue;
    const PagePtr old = found.pages[index];
    list.insert(list.begin(), old);
    const auto any = [&]() -> const PagePtr& { return list[random.below(list.size())]; };
    const Cut how = cut == Cut::mixed ? static_cast<Cut>(random.between(2, 4)) : cut;
    if (how == Cut::whole_pages) {
      found.pages[index] = any();
      continue;
    }
    auto page = std::make_shared<Page>();
    for (std::size_t at = 0; at < page_bytes; at += sector_bytes) {
      if (how == Cut::garbage && random.one_in(3)) {
        for (std::size_t i = 0; i < sector_bytes; i += 8) {
          const std::uint64_t noise = random.next();
          std::memcpy(page->data() + at + i, &noise, 8);
        }
      } else if (const auto& version = any()) {
        std::memcpy(page->data() + at, version->data() + at, sector_bytes);
      }
    }
    found.pages[index] = page;
  }
  return found;
}

Disk Disk::after_power_cut(Cut cut, Random& random) const {
  Disk found(capacity_);
  found.next_inode_ = next_inode_;
  Names names = durable_names_;
  std::set<std::string> folders = durable_folders_;
  const bool journalled = random.one_in(2);  // as ext4: a prefix; else any subset
  const std::size_t prefix = random.below(unsynced_names_.size() + 1);
  for (std::size_t i = 0; i < unsynced_names_.size(); ++i) {
    const bool kept = cut == Cut::keep_all   ? true
                      : cut == Cut::omit_all ? false
                      : journalled           ? i < prefix
                                             : random.one_in(2);
    if (kept) apply(unsynced_names_[i], names, folders);
  }
  const auto reachable = [&](const std::string& path) {
    for (std::string up = folder_of(path); up != "/"; up = folder_of(up)) {
      if (folders.count(up) == 0) return false;
    }
    return true;
  };
  for (const auto& folder : folders) {
    if (reachable(folder)) found.folders_.insert(folder);
  }
  for (const auto& [path, inode] : names) {
    if (!reachable(path)) continue;
    found.names_[path] = inode;
    if (found.files_.count(inode) != 0) continue;  // two names of one inode: a rename of which half was found
    auto file = std::make_shared<FileState>();
    file->durable = cut_content(*files_.at(inode), cut, random);
    file->now = file->durable;
    found.files_[inode] = std::move(file);
  }
  found.durable_names_ = found.names_;
  found.durable_folders_ = found.folders_;
  return found;
}

}  // namespace weather::log::test
