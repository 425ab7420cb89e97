#include "gateway/device/watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "gateway/device/reader.hpp"
#include "gateway/device/wear.hpp"
#include "gateway/output/say.hpp"

namespace weather::gateway {

namespace asio = boost::asio;

struct DeviceWatch::Impl : std::enable_shared_from_this<DeviceWatch::Impl> {
  Impl(asio::io_context& context, std::filesystem::path tree, std::filesystem::path folder,
       std::function<std::uint64_t()> log_bytes)
      : io(context),
        root(std::move(tree)),
        data_dir(std::move(folder)),
        log_written(std::move(log_bytes)),
        timer(context) {}

  void take(const DeviceFacts& facts) {
    const auto now = std::chrono::steady_clock::now();
    report_power(facts);
    static_cast<DeviceFacts&>(status) = facts;
    log_wear.note(log_written(), now);
    status.log_bytes_per_day = log_wear.bytes_per_day();
    if (facts.disk_written_bytes) {
      disk_wear.note(*facts.disk_written_bytes, now);
      status.disk_bytes_per_day = disk_wear.bytes_per_day();
    }
  }

  void report_power(const DeviceFacts& facts) {
    if (!facts.undervoltage || facts.undervoltage == status.undervoltage) return;
    if (*facts.undervoltage)
      say(Level::warning,
          "undervoltage: the power supply or its cable is too weak; the card may lose data and the machine "
          "may restart");
    else if (status.undervoltage)
      say(Level::info, "the supply voltage is good again");
  }

  void look_later() {
    constexpr std::chrono::seconds rhythm{10};
    timer.expires_after(rhythm);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      // A card in trouble may hold the reader for minutes; the loop goes on, and looks again afterwards.
      asio::post(self->looker, [self] {
        asio::post(self->io, [self, facts = read_device(self->root, self->data_dir)] {
          self->take(facts);
          if (!self->stopped) self->look_later();
        });
      });
    });
  }

  asio::io_context& io;
  const std::filesystem::path root, data_dir;
  const std::function<std::uint64_t()> log_written;
  asio::steady_timer timer;
  asio::thread_pool looker{1};
  DeviceStatus status;
  Wear log_wear, disk_wear;
  bool stopped = false;
};

DeviceWatch::DeviceWatch(asio::io_context& io, std::filesystem::path root, std::filesystem::path data_dir,
                         std::function<std::uint64_t()> log_written)
    : impl_(std::make_shared<Impl>(io, std::move(root), std::move(data_dir), std::move(log_written))) {
  impl_->take(read_device(impl_->root, impl_->data_dir));
}

DeviceWatch::~DeviceWatch() {
  stop();
}

void DeviceWatch::start() {
  impl_->look_later();
}

void DeviceWatch::stop() {
  impl_->stopped = true;
  impl_->timer.cancel();
  impl_->looker.stop();
  impl_->looker.join();
}

const DeviceStatus& DeviceWatch::status() const {
  return impl_->status;
}

}  // namespace weather::gateway
