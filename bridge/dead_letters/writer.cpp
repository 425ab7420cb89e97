#include "bridge/dead_letters/writer.hpp"

#include <utility>
#include <vector>

namespace weather::bridge {

// Reached from the store's thread through a weak pointer, touched on the io thread only.
struct DeadLetterWriter::Shared {
  std::multimap<std::uint64_t, std::function<void()>> waiting;  // by dead_letter id

  void settle(std::uint64_t durable) {
    std::vector<std::function<void()>> ready;
    const auto end = waiting.upper_bound(durable);
    for (auto it = waiting.begin(); it != end; ++it) ready.push_back(std::move(it->second));
    waiting.erase(waiting.begin(), end);
    for (const auto& done : ready) done();
  }
};

DeadLetterWriter::DeadLetterWriter(Scheduler& scheduler, Opener opener)
    : scheduler_(scheduler), shared_(std::make_shared<Shared>()), opener_(std::move(opener)) {}
DeadLetterWriter::~DeadLetterWriter() = default;

log::Result<DeadLetters*> DeadLetterWriter::store(bool make) {
  if (!store_) {
    auto opened = opener_(make);
    if (!opened) return tl::unexpected(opened.error());
    store_ = std::move(*opened);
    store_->on_durable(
        [&scheduler = scheduler_, weak = std::weak_ptr<Shared>(shared_)](std::uint64_t durable) {
          scheduler.post([weak, durable] {
            if (const auto shared = weak.lock()) shared->settle(durable);
          });
        });
  }
  return store_.get();
}

log::Result<void> DeadLetterWriter::add(const DeadLetter& dead_letter, std::function<void()> done) {
  auto opened = store();
  if (!opened) return tl::unexpected(opened.error());
  const auto id = (*opened)->add(dead_letter);
  if (!id) return tl::unexpected(id.error());
  shared_->waiting.emplace(*id, std::move(done));
  shared_->settle((*opened)->durable());
  return {};
}

bool DeadLetterWriter::catching_up() const {
  return store_ && store_->trouble().empty();
}

std::string DeadLetterWriter::trouble() const {
  return store_ && !shared_->waiting.empty() ? store_->trouble() : std::string();
}

}  // namespace weather::bridge
