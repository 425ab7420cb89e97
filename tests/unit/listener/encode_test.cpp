#include "sensors/listener/encode.hpp"

#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

std::string connack(Version version, const Connack& with, std::uint32_t most = 0) {
  std::string out;
  put_connack(out, version, with, most);
  return out;
}

TEST(ConnackEncoding, TellsAnMqtt5ClientOnlyWhatDiffersFromTheDefaults) {
  EXPECT_EQ(connack(Version::v5, {}), bytes({0x20, 3, 0, 0, 0}));
  EXPECT_EQ(connack(Version::v5, {.session_present = true,
                                  .receive_maximum = 20,
                                  .topic_alias_maximum = 16,
                                  .maximum_packet_bytes = 1000,
                                  .session_expiry_s = 60,
                                  .server_keep_alive_s = 30,
                                  .assigned_client_id = "auto"}),
            bytes({0x20, 29,   1,    0, 26, 0x11, 0,   0,   0,   60,   0x21, 0,  20,   0x27, 0, 0,
                   3,    0xE8, 0x12, 0, 4,  'a',  'u', 't', 'o', 0x22, 0,    16, 0x13, 0,    30}));
}

TEST(ConnackEncoding, ARefusalHasNoSessionPresent) {
  EXPECT_EQ(connack(Version::v3_1_1, {.session_present = true, .reason = Reason::not_authorized}),
            bytes({0x20, 2, 0, 5}));
  EXPECT_EQ(connack(Version::v5,
                    {.session_present = true, .reason = Reason::not_authorized, .reason_string = "no"}),
            bytes({0x20, 8, 0, 0x87, 5, 0x1F, 0, 2, 'n', 'o'}));
}

TEST(ConnackEncoding, LeavesTheReasonStringOutWhereItDoesNotFit) {
  EXPECT_EQ(connack(Version::v5, {.reason = Reason::not_authorized, .reason_string = "a long sentence"}, 16),
            bytes({0x20, 3, 0, 0x87, 0}));
}

TEST(ConnackEncoding, TranslatesReasonsFor311) {
  EXPECT_EQ(connect_return_code(Reason::unsupported_version), 1);
  EXPECT_EQ(connect_return_code(Reason::client_id_not_valid), 2);
  EXPECT_EQ(connect_return_code(Reason::server_busy), 3);
  EXPECT_EQ(connect_return_code(Reason::bad_user_name_or_password), 4);
  EXPECT_EQ(connect_return_code(Reason::not_authorized), 5);
  EXPECT_EQ(connect_return_code(Reason::malformed_packet), 0);
}

TEST(AckEncoding, IsShortOnSuccessAndCarriesAReasonOnlyInMqtt5) {
  std::string out;
  put_ack(out, Version::v5, Type::puback, 258, Reason::success);
  put_ack(out, Version::v5, Type::pubrec, 1, Reason::not_authorized);
  put_ack(out, Version::v3_1_1, Type::puback, 1, Reason::no_matching_subscribers);
  put_ack(out, Version::v5, Type::pubrel, 1, Reason::packet_identifier_not_found);
  EXPECT_EQ(out, bytes({0x40, 2, 1, 2, 0x50, 3, 0, 1, 0x87, 0x40, 2, 0, 1, 0x62, 3, 0, 1, 0x92}));
}

TEST(SubackEncoding, HasOneCodePerFilterInTheirOrder) {
  const Reason reasons[] = {Reason::not_authorized, Reason::topic_filter_invalid};
  std::string out;
  put_suback(out, Version::v3_1_1, 7, reasons);
  put_suback(out, Version::v5, 7, reasons);
  put_unsuback(out, Version::v3_1_1, 8, reasons);
  put_unsuback(out, Version::v5, 8, reasons);
  EXPECT_EQ(out, bytes({0x90, 4,    0, 7, 0x80, 0x80, 0x90, 5, 0, 7, 0,    0x87,
                        0x8F, 0xB0, 2, 0, 8,    0xB0, 5,    0, 8, 0, 0x87, 0x8F}));
}

TEST(DisconnectEncoding, SaysWhyWithinTheClientsMaximumPacketSize) {
  std::string out;
  put_disconnect(out, Reason::session_taken_over, "why", 0);
  put_disconnect(out, Reason::session_taken_over, "a long sentence", 12);
  EXPECT_EQ(out, bytes({0xE0, 8, 0x8E, 6, 0x1F, 0, 3, 'w', 'h', 'y', 0xE0, 2, 0x8E, 0}));
}

}  // namespace
}  // namespace weather::sensors::listener
