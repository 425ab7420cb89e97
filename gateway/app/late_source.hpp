// A source that listens or connects, also where its place is not there yet: an address, a port or a file that
// is missing is a state with a reason, looked at again every few seconds, while everything else runs. On the
// io thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/app/retry.hpp"
#include "gateway/app/sources.hpp"
#include "gateway/doctor/place.hpp"

namespace weather::gateway {

class LateSource final : public Source {
 public:
  // Opens the port; throws std::exception with a sentence for the user.
  using Make = std::function<std::unique_ptr<Source>()>;

  // Makes the source at once if its place is there, and throws what make throws then: no waiting would mend
  // it.
  LateSource(boost::asio::io_context& io, std::string name, std::string kind, ListenPlace place, Make make,
             std::string waiting = "not listening yet");

  void start() override;
  std::future<void> stop() override;
  bool read_files_again() override;
  std::string missing() const override { return retry_.reason(); }
  SourceStatus status() const override;

 private:
  std::optional<std::string> try_to_make();

  const std::string name_, kind_, waiting_;
  const ListenPlace place_;
  const Make make_;
  std::unique_ptr<Source> source_;  // none: not listening yet
  bool running_ = false;
  Retry retry_;
};

}  // namespace weather::gateway
