// For calls into librdkafka that wait: destroying a client while a name look-up hangs, committing a
// transaction. Never for work of ours.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <thread>

namespace boost::asio {
class io_context;
}

namespace weather::bridge {

// Used from the io thread only; each call runs in a thread of its own.
class Background {
 public:
  Background();
  // Waits up to two seconds; a thread that hangs longer is left behind, as the program is about to end, and
  // posts nothing any more.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  using Then = std::function<void()>;
  void run(std::function<void()> call);
  // Posts what the call gives back to io, which must outlive this.
  void run(std::function<Then()> call, boost::asio::io_context& io);

 private:
  struct Job;
  struct Door;
  void collect();
  std::list<std::shared_ptr<Job>> jobs_;
  std::shared_ptr<Door> door_;
};

}  // namespace weather::bridge
