// For calls into librdkafka that wait: destroying a client while a name look-up hangs, committing a
// transaction. Never for work of ours.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <thread>

namespace weather::bridge {

// Used from the io thread only; each call runs in a thread of its own.
class Background {
 public:
  Background() = default;
  // Waits up to two seconds; a thread that hangs longer is left behind, as the program is about to end.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void run(std::function<void()> call);

 private:
  struct Job;
  void collect();
  std::list<std::shared_ptr<Job>> jobs_;
};

}  // namespace weather::bridge
