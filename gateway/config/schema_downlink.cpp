#include <array>

#include "gateway/config/assign.hpp"
#include "gateway/config/schema.hpp"

namespace weather::gateway {
namespace {

using table::Of;
using table::section;

using D = Of<DownlinkConfig>;
constexpr std::array downlink_fields{
    Field{
        "topic", Kind::text, R"("")",
        "compacted topic from which signed messages for this gateway are taken; empty: none are. What became "
        "of them is reported in fleet.topic",
        D::set<&DownlinkConfig::topic>},
    Field{"group", Kind::text, R"("")",
          "messages to this group of gateways are meant for this one too; empty: none",
          D::set<&DownlinkConfig::group>},
    Field{"keys", Kind::map, "{}", "who may send: public keys by their ids, as `fleet keygen` prints them",
          D::set<&DownlinkConfig::keys>},
    Field{"confirm_within",
          Kind::duration,
          R"("10m")",
          "a drop-in with which Kafka is not confirmed by then is taken back",
          D::set<&DownlinkConfig::confirm_within>,
          {},
          "10000..86400000"},
    Field{"allow", Kind::list, R"(["config", "reload", "log_level", "drain", "replay", "bundle"])",
          "what a message may be about", D::set<&DownlinkConfig::allow>},
    Field{"sections", Kind::list, "[]",
          "which sections a drop-in may set; empty: all that a reload takes over. Never [downlink] itself",
          D::set<&DownlinkConfig::sections>},
};

constexpr std::array all{
    Section{"downlink", false, "what the centre may say to this gateway through Kafka, signed",
            downlink_fields, section<&Config::downlink>},
};

}  // namespace

std::span<const Section> downlink_sections() {
  return all;
}

}  // namespace weather::gateway
