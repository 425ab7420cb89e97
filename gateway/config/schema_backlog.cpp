// The keys about what waits, what cannot be delivered, and updates.
#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using table::Of;
using table::section;

using B = Of<BacklogConfig>;
constexpr std::array backlog_fields{
    Field{"order", Kind::choice, R"("strict")",
          "strict: in the order they came in. live_first: while a backlog drains, what comes in now goes out "
          "at "
          "once; a sensor's old readings then come after its newer ones, each of the two in order",
          B::set<&BacklogConfig::order>, "strict|live_first"},
    Field{"live_share",
          Kind::number,
          "0.5",
          "live_first: part of the window and of max_rate that is kept for what comes in now",
          B::set<&BacklogConfig::live_share>,
          {},
          "0.1..0.9"},
    Field{
        "refused_time", Kind::choice, R"("ingest_time")",
        "a reading whose time the topic refuses (message.timestamp.before.max.ms, after.max.ms): send it "
        "with "
        "the present time, its own stays in ce_time; keep it as a dead letter; or hold everything until the "
        "limit is raised",
        B::set<&BacklogConfig::refused_time>, "ingest_time|dead_letter|hold"},
    Field{"past_retention", Kind::choice, R"("send")",
          "a reading older than the topic keeps any (retention.ms), so that Kafka may delete it on arrival: "
          "send "
          "it as it is, with the present time, or hold everything until the retention is raised",
          B::set<&BacklogConfig::past_retention>, "send|ingest_time|hold"},
    Field{"max_rate",
          Kind::integer,
          "0",
          "most readings a second that are sent; 0: as fast as it goes",
          B::set<&BacklogConfig::max_rate>,
          {},
          "0..1000000"},
    Field{
        "start_jitter",
        Kind::duration,
        R"("0s")",
        "a backlog is begun up to this much later, at the start and after an outage: give every gateway of a "
        "region the same, and they do not all come back in the same second",
        B::set<&BacklogConfig::start_jitter>,
        {},
        "0..3600000"},
    Field{"hold", Kind::list, "[]",
          "times of the week, local, in which nothing is sent: \"08:00-18:00\", \"mon-fri 22:00-06:00\"",
          B::set<&BacklogConfig::hold>},
};

using D = Of<DeadLettersConfig>;
constexpr std::array dead_letters_fields{
    Field{"max_bytes",
          Kind::size,
          R"("64MiB")",
          "most the dead letters on the card may take; the oldest go first",
          D::set<&DeadLettersConfig::max_bytes>,
          {},
          "4194304..1099511627776"},
    Field{"topic", Kind::text, R"("")",
          "a topic that gets a copy of each dead letter, with the reason in its headers; empty: none",
          D::set<&DeadLettersConfig::topic>},
};

using U = Of<UpdateConfig>;
constexpr std::array update_fields{
    Field{"url", Kind::text, R"("")",
          "https address of the latest.json that `weather-gateway update` asks, on a machine that runs the "
          "image; "
          "empty: none",
          U::set<&UpdateConfig::url>},
    Field{"hold", Kind::list, "[]",
          "times of the week, local, in which no update is loaded or installed, written as those of "
          "backlog.hold",
          U::set<&UpdateConfig::hold>},
};

constexpr std::array all_sections{
    Section{"backlog", false, "how readings that had to wait are sent", backlog_fields,
            section<&Config::backlog>},
    Section{"dead_letters", false, "what can never reach Kafka, kept with the reason", dead_letters_fields,
            section<&Config::dead_letters>},
    Section{"update", false, "updates of the flashable image", update_fields, section<&Config::update>},
};

}  // namespace

std::span<const Section> delivery_sections() {
  return all_sections;
}

}  // namespace weather::gateway
