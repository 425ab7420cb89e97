// One Kafka client of a simulated fleet, shared by some of its gateways. Lives on the io thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/encode/encoder.hpp"
#include "bridge/kafka/background.hpp"
#include "bridge/kafka/producer.hpp"
#include "gateway/simulate/virtual_gateway.hpp"

namespace weather::gateway {

// A gateway of the fleet and what it needs to make real records.
struct FleetMember {
  FleetMember(VirtualGateway virtual_gateway, const bridge::RouteOptions& route, std::string name,
              const std::string& log_id)
      : gateway(std::move(virtual_gateway)), id(std::move(name)), encoder(route, id, log_id) {}

  VirtualGateway gateway;
  const std::string id;
  bridge::Encoder encoder;
  std::uint64_t confirmed = 0;
  bool cut_off = false;  // had no confirmation since the outage began
};

class Sender final : public bridge::ReportsOnly {
 public:
  Sender(boost::asio::io_context& io, const bridge::Properties& properties, bridge::Background& background,
         std::size_t window);

  void add(FleetMember& member) { members_.push_back(&member); }
  void pump();  // hands over what its gateways may send
  struct Counters {
    std::uint64_t confirmed = 0, back = 0, requests = 0, bytes = 0, connects = 0;
    double round_trip_p99_s = 0;  // as last reported
  };
  const Counters& counters() const { return counters_; }

  void on_report(bridge::Window::Id id, int code) override;
  void on_reports_end() override { pump(); }
  void on_statistics(std::string_view json) override;

 private:
  bool send(FleetMember& member);

  struct InFlight {
    FleetMember* member = nullptr;
    bridge::Window::Id id = 0;
  };
  const std::size_t window_;
  std::vector<FleetMember*> members_;
  std::unordered_map<bridge::Window::Id, InFlight> in_flight_;
  bridge::Window::Id next_id_ = 0;
  std::size_t turn_ = 0;
  Counters counters_;
  std::unique_ptr<bridge::Producer> producer_;
};

}  // namespace weather::gateway
