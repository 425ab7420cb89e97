// Topics whose settings were asked for and are not known yet. A question goes with the producer that took it,
// and a broker may have no answer yet: it stays open until there is one. Pure; one thread.
#pragma once

#include <set>
#include <string>

namespace weather::bridge {

class TopicQuestions {
 public:
  void asked(const std::string& topic) { open_.insert(topic); }
  // code: rd_kafka_resp_err_t of this topic; 0 if its settings came.
  void answered(const std::string& topic, int code) {
    if (is_final(code)) open_.erase(topic);
  }
  // No topic was looked at, because of this.
  void failed(int code) {
    if (is_final(code)) open_.clear();
  }
  // To be asked again: by the next producer, and after a while.
  const std::set<std::string>& open() const { return open_; }

 private:
  static bool is_final(int code);  // answered, or asking again gives the same
  std::set<std::string> open_;
};

}  // namespace weather::bridge
