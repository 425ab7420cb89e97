#include "sensors/pulse/gpio_line.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace weather::sensors {
namespace {

// The kernel's own limit for one line (GPIO_V2_LINES_MAX * 16): ten seconds of a gale.
constexpr std::uint32_t buffered_events = 1024;
constexpr std::size_t events_at_once = 64;

std::uint64_t edge_flags(CountedEdge edge) {
  switch (edge) {
    case CountedEdge::rising:
      return GPIO_V2_LINE_FLAG_EDGE_RISING;
    case CountedEdge::falling:
      return GPIO_V2_LINE_FLAG_EDGE_FALLING;
    case CountedEdge::both:
      break;
  }
  return GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
}

std::uint64_t bias_flag(LineBias bias) {
  switch (bias) {
    case LineBias::pull_up:
      return GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
    case LineBias::pull_down:
      return GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
    case LineBias::disabled:
      return GPIO_V2_LINE_FLAG_BIAS_DISABLED;
    case LineBias::as_is:
      break;
  }
  return 0;
}

}  // namespace

int GpioLine::request(const GpioLineFound& found, bool kernel_debounces) {
  gpio_v2_line_request asked{};
  asked.offsets[0] = found.number;
  asked.num_lines = 1;
  asked.event_buffer_size = buffered_events;
  static_assert(sizeof gpio_consumer <= GPIO_MAX_NAME_SIZE);
  std::memcpy(asked.consumer, gpio_consumer, sizeof gpio_consumer);
  const bool all_edges = options_.debounce_us > 0 && !kernel_debounces;
  asked.config.flags = GPIO_V2_LINE_FLAG_INPUT | bias_flag(options_.bias) |
                       edge_flags(all_edges ? CountedEdge::both : options_.edge) |
                       (options_.active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0);
  if (options_.debounce_us > 0 && kernel_debounces) {
    asked.config.num_attrs = 1;
    asked.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    asked.config.attrs[0].attr.debounce_period_us = options_.debounce_us;
    asked.config.attrs[0].mask = 1;
  }
  if (::ioctl(found.chip.get(), GPIO_V2_GET_LINE_IOCTL, &asked) < 0) return errno;
  line_ = OwnedFile(asked.fd);
  return ::fcntl(line_.get(), F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
}

tl::expected<PulseLine::Opened, std::string> GpioLine::open() {
  close();
  const auto found = find_gpio_line(options_.place);
  if (!found) return tl::unexpected(found.error());
  what_ = found->what();
  Opened opened{what_, EdgeFilter(options_.edge, 0), {}};
  auto error = request(*found, true);
  if (error == EINVAL && options_.debounce_us > 0) {
    error = request(*found, false);
    opened.filter = EdgeFilter(options_.edge, std::int64_t{options_.debounce_us} * 1000);
    opened.note = "the kernel does not debounce this line, so that the gateway does";
  }
  if (error == 0) return opened;
  close();
  if (error == EBUSY) {
    // Its owner may have taken it a moment ago.
    const auto now = find_gpio_line(options_.place);
    return tl::unexpected(now ? now->in_use() : found->in_use());
  }
  return tl::unexpected(what_ + " cannot tell its edges: " + std::strerror(error) +
                        (error == EINVAL || error == ENXIO || error == EOPNOTSUPP
                             ? "; it must be a line with interrupts, and the kernel Linux 5.10 or later"
                             : "; look at the journal of the kernel"));
}

tl::expected<std::vector<LineEdge>, std::string> GpioLine::read() {
  std::vector<LineEdge> edges;
  std::array<gpio_v2_line_event, events_at_once> events;
  while (edges.size() < buffered_events) {
    const auto got = ::read(line_.get(), events.data(), sizeof events);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return edges;
    if (got <= 0 || static_cast<std::size_t>(got) % sizeof(gpio_v2_line_event) != 0) {
      if (!edges.empty()) break;  // they come first; the next call finds the same
      const std::string why = got < 0 ? std::strerror(errno) : "it ended";
      close();
      return tl::unexpected("lost " + what_ + ": " + why);
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof(gpio_v2_line_event); ++i)
      edges.push_back({static_cast<std::int64_t>(events[i].timestamp_ns),
                       events[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE, events[i].line_seqno});
  }
  return edges;
}

}  // namespace weather::sensors
