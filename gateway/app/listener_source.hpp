// [[listener]] as a source: publishers connect to the gateway itself.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bridge/log/log.hpp"
#include "gateway/app/descriptors.hpp"
#include "gateway/app/sources.hpp"
#include "gateway/config/config.hpp"
#include "sensors/sink.hpp"

namespace weather::gateway {

// Opens the port; before that, reads from the log's last records which QoS 2 publications it has. Throws
// std::runtime_error with a sentence for the user.
std::unique_ptr<Source> make_listener(const ListenerConfig& config, const std::string& name,
                                      std::function<sensors::Decoder()> make_decoder,
                                      boost::asio::io_context& io, sensors::Sink& sink, log::Log& log,
                                      sensors::ExchangeKeeper& exchanges, sensors::MemoryBudget& memory,
                                      ConnectionPlaces places);

}  // namespace weather::gateway
