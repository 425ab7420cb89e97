#include "bridge/log/loss.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "bridge/log/bytes.hpp"
#include "bridge/log/counted.hpp"
#include "bridge/log/nanoseconds.hpp"

namespace weather::log {
namespace {

constexpr std::uint32_t loss_version = 1;

std::string timestamp(std::int64_t wall_ns) {
  auto seconds = wall_ns / ns_per_s;
  auto millis = wall_ns % ns_per_s / ns_per_ms;
  if (millis < 0) {
    --seconds;
    millis += 1000;
  }
  const auto time = static_cast<std::time_t>(seconds);
  std::tm utc{};
  if (gmtime_r(&time, &utc) == nullptr) return "invalid";
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(millis));
  return text.data();
}

std::string time_or_null(std::int64_t wall_ns) {
  return wall_ns == 0 ? "null" : '"' + timestamp(wall_ns) + '"';
}

std::string_view cause(LossReason reason) {
  switch (reason) {
    case LossReason::dropped_oldest:
      return "dropped because the log was full";
    case LossReason::refused_newest:
      return "refused because the log was full";
    case LossReason::damaged:
      return "unreadable: their bytes on the card are damaged";
    case LossReason::missing:
      return "missing from the card";
  }
  return "lost";
}

}  // namespace

// 0 version u32 | 4 reason u8, zeros | 8 first | 16 last | 24 records | 32 bytes | 40 from | 48 to | 56
// noticed
void encode_loss(const Loss& loss, std::span<std::byte, loss_body_bytes> to) {
  put<std::uint32_t>(&to[0], loss_version);
  put<std::uint32_t>(&to[4], static_cast<std::uint32_t>(loss.reason));
  put(&to[8], loss.first);
  put(&to[16], loss.last);
  put(&to[24], loss.records);
  put(&to[32], loss.bytes);
  put(&to[40], loss.from_ns);
  put(&to[48], loss.to_ns);
  put(&to[56], loss.noticed_ns);
}

std::optional<Loss> decode_loss(std::span<const std::byte> body) {
  if (body.size() < loss_body_bytes || get<std::uint32_t>(body.data()) != loss_version) return std::nullopt;
  const auto reason = get<std::uint32_t>(&body[4]);
  if (reason < 1 || reason > 4) return std::nullopt;
  return Loss{.first = get<std::uint64_t>(&body[8]),
              .last = get<std::uint64_t>(&body[16]),
              .records = get<std::uint64_t>(&body[24]),
              .bytes = get<std::uint64_t>(&body[32]),
              .from_ns = get<std::int64_t>(&body[40]),
              .to_ns = get<std::int64_t>(&body[48]),
              .noticed_ns = get<std::int64_t>(&body[56]),
              .reason = static_cast<LossReason>(reason)};
}

std::string_view to_text(LossReason reason) {
  switch (reason) {
    case LossReason::dropped_oldest:
      return "dropped_oldest";
    case LossReason::refused_newest:
      return "refused_newest";
    case LossReason::damaged:
      return "damaged";
    case LossReason::missing:
      return "missing";
  }
  return "unknown";
}

std::string to_json(const Loss& loss) {
  std::string text = "{";
  if (loss.first != 0) {
    text += "\"first\":" + std::to_string(loss.first) + ",\"last\":" + std::to_string(loss.last) + ',';
  }
  text += "\"records\":" + std::to_string(loss.records) + ",\"bytes\":" + std::to_string(loss.bytes);
  text += ",\"from\":" + time_or_null(loss.from_ns) + ",\"to\":" + time_or_null(loss.to_ns);
  text += ",\"noticed\":" + time_or_null(loss.noticed_ns);
  return text + ",\"reason\":\"" + std::string(to_text(loss.reason)) + "\"}";
}

std::string to_sentence(const Loss& loss) {
  std::string text = counted(loss.records, "record") + " (";
  if (loss.first != 0) text += std::to_string(loss.first) + " to " + std::to_string(loss.last) + ", ";
  text += std::to_string(loss.bytes) + " bytes) " + std::string(cause(loss.reason));
  if (loss.noticed_ns != 0) text += ", at " + timestamp(loss.noticed_ns);
  return text;
}

Loss sum(const Loss& older, const Loss& newer) {
  if (older.records == 0) return newer;
  if (newer.records == 0) return older;
  Loss both = newer;
  both.records += older.records;
  both.bytes += older.bytes;
  both.from_ns = older.from_ns;
  return both;
}

Loss clip(const Loss& loss, std::uint64_t from, std::uint64_t to) {
  from = std::max(from, loss.first);
  to = std::min(to, loss.last);
  if (from > to || (from == loss.first && to == loss.last)) return loss;
  Loss rest = loss;
  rest.first = from;
  rest.last = to;
  rest.records = rest.last - rest.first + 1;
  // A body that only looks like ours may hold any numbers.
  const auto share = static_cast<double>(rest.records) / (static_cast<double>(loss.last - loss.first) + 1);
  rest.bytes = static_cast<std::uint64_t>(std::min(static_cast<double>(loss.bytes) * share, 0x1p63));
  return rest;
}

}  // namespace weather::log
