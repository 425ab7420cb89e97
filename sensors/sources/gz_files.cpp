#include "sensors/sources/gz_files.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include <zlib.h>

namespace weather::sensors {
namespace {

constexpr std::string_view ending = ".gz";
constexpr std::size_t kept_bytes = 128U << 10;  // what a reader goes back by, and the first so many
constexpr int gzip_window = 15 + 16;            // inflateInit2: the largest, with gzip's header

}  // namespace

bool is_compressed_name(std::string_view path) {
  return path.size() > ending.size() && path.ends_with(ending);
}

std::string_view without_compression(std::string_view path) {
  if (is_compressed_name(path)) path.remove_suffix(ending.size());
  return path;
}

// Reads forward and keeps the last stretch; going back further begins again.
class GzFiles::Inflated final : public FollowedFile {
 public:
  Inflated(GzFiles& owner, std::unique_ptr<FollowedFile> file, std::string path)
      : owner_(owner), file_(std::move(file)), path_(std::move(path)) {}
  ~Inflated() override { end(); }
  Inflated(const Inflated&) = delete;
  Inflated& operator=(const Inflated&) = delete;

  tl::expected<FileFacts, std::error_code> facts() override { return owner_.inflated_facts(*file_); }

  tl::expected<std::size_t, std::error_code> read(std::uint64_t offset, std::span<char> to) override {
    std::size_t got = 0;
    while (got < to.size()) {
      const auto at = offset + got;
      const auto piece = kept_from(at);
      if (!piece.empty()) {
        const auto size = std::min(piece.size(), to.size() - got);
        std::memcpy(to.data() + got, piece.data(), size);
        got += size;
        continue;
      }
      if (at < reached_) end();
      const auto more = inflate_on();
      if (!more) return tl::unexpected(more.error());
      if (!*more && kept_from(at).empty()) break;
    }
    return got;
  }

 private:
  // What is kept from this place on; empty: nothing.
  std::string_view kept_from(std::uint64_t at) const {
    if (at < first_.size()) return std::string_view(first_).substr(static_cast<std::size_t>(at));
    const auto begin = reached_ - last_.size();
    return at < begin || at >= reached_
               ? std::string_view{}
               : std::string_view(last_).substr(static_cast<std::size_t>(at - begin));
  }

  // False: there is no more.
  tl::expected<bool, std::error_code> inflate_on() {
    if (ended_) return false;
    if (!running_) {
      stream_ = {};
      if (::inflateInit2(&stream_, gzip_window) != Z_OK)
        return tl::unexpected(std::make_error_code(std::errc::not_enough_memory));
      running_ = true;
    }
    if (stream_.avail_in == 0) {
      const auto got = file_->read(taken_, input_);
      if (!got) return tl::unexpected(got.error());
      taken_ += *got;
      stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
      stream_.avail_in = static_cast<uInt>(*got);
      if (*got == 0) return finish(between_members_ ? "" : "ends in the middle");
    }
    std::array<char, 32U << 10> out;
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    keep({out.data(), out.size() - stream_.avail_out});
    if (result == Z_STREAM_END) {
      between_members_ = true;
      ::inflateReset(&stream_);
    } else if (result == Z_OK || result == Z_BUF_ERROR) {
      between_members_ = false;
    } else {
      return finish(between_members_ ? "" : "is damaged");  // what follows the last member is padding
    }
    return true;
  }

  bool finish(const std::string& why) {
    ended_ = true;
    const auto facts = file_->facts();
    if (!facts) return false;
    const Key key{facts->inode, facts->changed_ns};
    const bool known = owner_.sizes_.contains(key);
    owner_.sizes_[key] = reached_;
    if (!why.empty() && !known)
      owner_.say_(path_ + " " + why + ": what it holds behind byte " + std::to_string(reached_) +
                  " of its lines cannot be read");
    return false;
  }

  void keep(std::string_view more) {
    if (reached_ < kept_bytes && first_.size() == reached_)
      first_ += more.substr(0, kept_bytes - static_cast<std::size_t>(reached_));
    reached_ += more.size();
    last_ += more;
    if (last_.size() > 2 * kept_bytes) last_.erase(0, last_.size() - kept_bytes);
  }

  void end() {
    if (std::exchange(running_, false)) ::inflateEnd(&stream_);
    stream_ = {};
    ended_ = between_members_ = false;
    taken_ = reached_ = 0;
    last_.clear();
  }

  GzFiles& owner_;
  const std::unique_ptr<FollowedFile> file_;
  const std::string path_;
  z_stream stream_{};
  bool running_ = false, ended_ = false, between_members_ = false;
  std::uint64_t taken_ = 0, reached_ = 0;  // bytes of the file, and of what it was made of
  std::array<char, 16U << 10> input_;
  std::string first_, last_;  // last_ ends at reached_
};

tl::expected<std::unique_ptr<FollowedFile>, std::error_code> GzFiles::open(const std::string& path) {
  auto file = files_.open(path);
  if (!file || !is_compressed_name(path)) return file;
  return std::make_unique<Inflated>(*this, std::move(*file), path);
}

tl::expected<FileFacts, std::error_code> GzFiles::facts(const std::string& path) {
  if (!is_compressed_name(path)) return files_.facts(path);
  const auto file = files_.open(path);
  if (!file) return tl::unexpected(file.error());
  return inflated_facts(**file);
}

// The last four bytes are the size, modulo 2^32.
tl::expected<FileFacts, std::error_code> GzFiles::inflated_facts(FollowedFile& file) const {
  auto facts = file.facts();
  if (!facts) return facts;
  if (const auto known = sizes_.find({facts->inode, facts->changed_ns}); known != sizes_.end()) {
    facts->size = known->second;
    return facts;
  }
  std::array<char, 4> bytes{};
  constexpr std::uint64_t least = 18;  // of a file of nothing
  if (facts->size < least) return tl::unexpected(std::make_error_code(std::errc::no_message_available));
  const auto got = file.read(facts->size - bytes.size(), bytes);
  if (!got) return tl::unexpected(got.error());
  facts->size = 0;
  for (std::size_t i = *got; i-- > 0;) facts->size = facts->size << 8U | static_cast<unsigned char>(bytes[i]);
  return facts;
}

std::vector<std::string> GzFiles::list(const std::string& folder) {
  auto names = files_.list(folder);
  const std::set<std::string, std::less<>> all(names.begin(), names.end());
  std::erase_if(names, [&](const std::string& name) {
    return is_compressed_name(name) && all.contains(without_compression(name));
  });
  return names;
}

}  // namespace weather::sensors
