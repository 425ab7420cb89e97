// What holds after every event, whatever the machine decided: watched beside it, from what it asks for and
// what happens to it. Pure; one thread.
//
//   P1 records are given to the client in Sending only, with no hold.
//   P2 after a failed report nothing is given before Sending was left.
//   P3 Draining and Aborting end with nothing in flight and the window back at the watermark.
//   P4 there is one client at a time.
//   P5 one end of a transaction is asked for at a time.
//   P6 the window is bounded.
#pragma once

#include <cstddef>

namespace weather::bridge::core {

class Promises {
 public:
  void gives(bool sending, bool held) {
    if (!sending || held) breaks("P1: a record was given to the client though the route may not send");
    if (failed_) breaks("P2: a record was given to the client after a failed report");
  }
  void failed() { failed_ = true; }
  void left_draining(std::size_t in_flight, std::size_t slots) {
    if (in_flight > 0 || slots > 0) breaks("P3: went on with records in flight, or beyond the watermark");
  }
  void made() {
    if (client_) breaks("P4: a second client was made");
    client_ = true;
  }
  void dropped() { client_ = ending_ = false; }
  void asked_to_end() {
    if (ending_) breaks("P5: a second end of a transaction was asked for");
    ending_ = true;
  }
  void ended() { ending_ = false; }
  void after_event(bool sending, std::size_t slots, std::size_t most_slots) {
    if (!sending) failed_ = false;
    if (failed_) breaks("P2: goes on sending after a failed report");
    if (slots > most_slots) breaks("P6: the window is larger than it may be");
  }
  const char* broken() const { return broken_; }  // the first; nullptr: all hold

 private:
  void breaks(const char* which) {
    if (!broken_) broken_ = which;
  }
  const char* broken_ = nullptr;
  bool failed_ = false, client_ = false, ending_ = false;
};

}  // namespace weather::bridge::core
