#include "gateway/downlink/verdict.hpp"

#include "gateway/output/time_json.hpp"

namespace weather::gateway::downlink {
namespace {

bool is_for(const Message& message, const Settings& settings) {
  if (message.topic != settings.topic) return false;
  if (message.to == "all" || message.to == "gateway:" + settings.gateway) return true;
  return !settings.group.empty() && message.to == "group:" + settings.group;
}

std::string time_text(std::int64_t seconds) {
  return sensors::format_time(seconds * 1'000'000'000);
}

}  // namespace

std::string_view to_string(Refusal refusal) {
  constexpr std::array<std::string_view, refusal_count> names{"too_large",   "malformed", "unknown_key",
                                                              "forged",      "foreign",   "replayed",
                                                              "not_allowed", "stale",     "faulty"};
  return names.at(static_cast<std::size_t>(refusal));
}

Judged judge(std::string_view bytes, const Settings& settings, const Marks& marks, const WallTime& now) {
  Judged judged;
  const auto refuse = [&judged](Refusal refusal, std::string why) {
    judged.refusal = refusal;
    judged.why = std::move(why);
    return judged;
  };
  if (bytes.size() > most_message_bytes) return refuse(Refusal::too_large, "it has more than 128 KiB");
  const auto envelope = opened(bytes);
  if (!envelope) return refuse(Refusal::malformed, envelope.error());
  const auto key = settings.keys.find(envelope->key_id);
  if (key == settings.keys.end())
    return refuse(Refusal::unknown_key, "[downlink.keys] has no key \"" + envelope->key_id + "\"");
  if (!key->second.verifies(signed_bytes(envelope->key_id, envelope->payload), envelope->signature))
    return refuse(Refusal::forged,
                  "the signature is not one of the key \"" + envelope->key_id + "\" for these bytes");
  auto message = message_from(envelope->payload);
  if (!message) return refuse(Refusal::malformed, message.error());
  judged.key_id = envelope->key_id;
  judged.message = std::move(*message);
  const auto& said = *judged.message;
  if (!is_for(said, settings)) return refuse(Refusal::foreign, "it is for " + said.to + " in " + said.topic);
  const auto taken = marks.find({judged.key_id, said.to});
  if (taken != marks.end() && said.serial <= taken->second)
    return refuse(Refusal::replayed, "its serial is " + std::to_string(said.serial) + ", and " +
                                         std::to_string(taken->second) + " was taken before");
  if (!settings.allow.contains(allowed_as(said.kind)))
    return refuse(Refusal::not_allowed,
                  "[downlink] allow has no \"" + std::string(allowed_as(said.kind)) + "\"");
  if (!now.right) {
    judged.outcome = Judged::Outcome::hold;
    return judged;
  }
  if (now.seconds > said.expires_s)
    return refuse(Refusal::stale, "it was good until " + time_text(said.expires_s));
  if (now.seconds + most_ahead_s < said.issued_s)
    return refuse(Refusal::stale,
                  "it is of " + time_text(said.issued_s) + ", and here it is " + time_text(now.seconds));
  judged.outcome = Judged::Outcome::take;
  return judged;
}

}  // namespace weather::gateway::downlink
