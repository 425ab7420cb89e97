#include "sensors/listener/decode.hpp"

#include <gtest/gtest.h>

#include "tests/unit/listener/packets.hpp"

namespace weather::sensors::listener {
namespace {

constexpr std::uint32_t big = 1U << 20;

Frame frame_of(const std::string& packet_bytes) {
  const auto frame = next_frame(packet_bytes, big);
  EXPECT_TRUE(frame.has_value());
  return frame.value_or(Frame{});
}

Reason frame_error(const std::string& packet_bytes, std::uint32_t most = big) {
  const auto frame = next_frame(packet_bytes, most);
  return frame ? Reason::success : frame.error().reason;
}

template <class T>
Reason error_of(const Decoding<T>& decoded) {
  return decoded ? Reason::success : decoded.error().reason;
}

Reason connect_error(const std::string& packet_bytes) {
  return error_of(decode_connect(frame_of(packet_bytes)));
}
Reason publish_error(const std::string& packet_bytes, Version version = Version::v5) {
  return error_of(decode_publish(frame_of(packet_bytes), version));
}

TEST(FrameDecoding, WaitsUntilThePacketIsWhole) {
  const std::string whole = publish();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto frame = next_frame(std::string_view(whole).substr(0, cut), big);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->size, 0U) << cut;
  }
  EXPECT_EQ(next_frame(whole + "more", big)->size, whole.size());
}

TEST(FrameDecoding, RefusesReservedTypesFlagsAndLengths) {
  EXPECT_EQ(frame_error(bytes({0x00, 0})), Reason::malformed_packet);
  for (const int first : {0x11, 0x60, 0x63, 0x80, 0x8A, 0xA0, 0xC1, 0xE2, 0xF1, 0x42}) {
    EXPECT_EQ(frame_error(bytes({first, 0})), Reason::malformed_packet) << first;
  }
  EXPECT_EQ(frame_error(bytes({0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})), Reason::malformed_packet);
  EXPECT_EQ(frame_error(bytes({0x30, 0x80, 0x00})), Reason::malformed_packet);
}

TEST(FrameDecoding, RefusesALargePacketByItsHeaderAlone) {
  EXPECT_EQ(frame_error(bytes({0x30, 0x80, 0x01}), 128), Reason::packet_too_large);
  EXPECT_EQ(frame_error(bytes({0x30, 0x7D}), 127), Reason::success);  // 125 bytes and a header of two
}

TEST(ConnectDecoding, ReadsEveryField) {
  const std::string bytes_in =
      connect({.level = 5,
               .clean = false,
               .client_id = "roof",
               .keep_alive_s = 30,
               .properties_list = bytes({0x11}) + four(90) + bytes({0x21}) + two(7) + bytes({0x27}) +
                                  four(200) + bytes({0x26}) + text("a") + text("b"),
               .will_topic = "weather/roof/state",
               .will_payload = "gone",
               .will_properties_list = bytes({0x18}) + four(5),
               .user_name = "u",
               .password = "p",
               .extra_flags = 0x08 | 0x20});
  const auto decoded = decode_connect(frame_of(bytes_in));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
  EXPECT_EQ(decoded->version, Version::v5);
  EXPECT_FALSE(decoded->clean_start);
  EXPECT_EQ(decoded->client_id, "roof");
  EXPECT_EQ(decoded->keep_alive_s, 30);
  EXPECT_EQ(decoded->session_expiry_s, 90U);
  EXPECT_EQ(decoded->receive_maximum, 7);
  EXPECT_EQ(decoded->maximum_packet_bytes, 200U);
  ASSERT_TRUE(decoded->will.has_value());
  EXPECT_EQ(decoded->will->topic, "weather/roof/state");
  EXPECT_EQ(decoded->will->payload, "gone");
  EXPECT_EQ(decoded->will->qos, 1);
  EXPECT_TRUE(decoded->will->retain);
  EXPECT_EQ(decoded->will->delay_s, 5U);
  EXPECT_EQ(decoded->user_name, "u");
  EXPECT_EQ(decoded->password, "p");
}

TEST(ConnectDecoding, APersistent311SessionHasNoEnd) {
  EXPECT_EQ(decode_connect(frame_of(connect({.clean = false})))->session_expiry_s, 0xFFFFFFFFU);
  EXPECT_EQ(decode_connect(frame_of(connect({.clean = true})))->session_expiry_s, 0U);
}

TEST(ConnectDecoding, KnowsTheProtocolLevelOfForeignVersions) {
  EXPECT_EQ(*protocol_level(frame_of(packet(0x10, text("MQTT") + bytes({6})))), 6);
  EXPECT_EQ(*protocol_level(frame_of(packet(0x10, text("MQIsdp") + bytes({3})))), 3);
  EXPECT_EQ(protocol_level(frame_of(packet(0x10, text("HTTP") + bytes({4})))).error().reason,
            Reason::protocol_error);
  EXPECT_FALSE(protocol_level(frame_of(packet(0x10, bytes({0, 9, 'M'})))).has_value());
}

TEST(ConnectDecoding, RefusesFlagsThatContradictEachOther) {
  for (const int level : {4, 5}) {
    for (const int flags : {0x01, 0x08, 0x10, 0x18, 0x20}) {
      EXPECT_EQ(connect_error(connect({.level = level, .extra_flags = flags})), Reason::malformed_packet)
          << level << " " << flags;
    }
    EXPECT_EQ(connect_error(connect({.level = level, .will_topic = "t", .extra_flags = 0x18})),
              Reason::malformed_packet);
  }
}

TEST(ConnectDecoding, APasswordNeedsAUserNameIn311Only) {
  EXPECT_EQ(connect_error(connect({.level = 4, .password = "p"})), Reason::malformed_packet);
  EXPECT_EQ(connect_error(connect({.level = 5, .password = "p"})), Reason::success);
}

TEST(ConnectDecoding, RefusesMissingAndSurplusPayload) {
  const std::string head = text("MQTT") + bytes({4, 2}) + two(60);
  EXPECT_EQ(connect_error(packet(0x10, head)), Reason::malformed_packet);
  EXPECT_EQ(connect_error(packet(0x10, head + text("id") + "x")), Reason::malformed_packet);
  EXPECT_EQ(connect_error(packet(0x10, text("MQTT") + bytes({4, 0x82}) + two(60) + text("id"))),
            Reason::malformed_packet);
  EXPECT_EQ(connect_error(packet(0x10, text("MQTT") + bytes({4, 0x06}) + two(60) + text("id") + text("t"))),
            Reason::malformed_packet);
  EXPECT_EQ(connect_error(connect({.client_id = "\xFF"})), Reason::malformed_packet);
  EXPECT_EQ(connect_error(connect({.user_name = "\xC3"})), Reason::malformed_packet);
  EXPECT_EQ(connect_error(connect({.will_topic = "\xED\xA0\x80"})), Reason::malformed_packet);
  EXPECT_EQ(connect_error(connect({.will_topic = "a/#"})), Reason::topic_name_invalid);
}

TEST(ConnectDecoding, RefusesPropertiesThatAreWrongHere) {
  const auto with = [](const std::string& list) {
    return connect_error(connect({.level = 5, .properties_list = list}));
  };
  EXPECT_EQ(with(bytes({0x23}) + two(1)), Reason::malformed_packet);  // topic alias belongs to PUBLISH
  EXPECT_EQ(with(bytes({0x7F})), Reason::malformed_packet);           // unknown
  EXPECT_EQ(with(bytes({0x11, 0})), Reason::malformed_packet);        // cut off
  EXPECT_EQ(with(bytes({0x11}) + four(1) + bytes({0x11}) + four(1)), Reason::protocol_error);
  EXPECT_EQ(with(bytes({0x21}) + two(0)), Reason::protocol_error);
  EXPECT_EQ(with(bytes({0x27}) + four(0)), Reason::protocol_error);
  EXPECT_EQ(with(bytes({0x17, 2})), Reason::protocol_error);
  EXPECT_EQ(with(bytes({0x16}) + text("data")), Reason::protocol_error);  // data without a method
  EXPECT_EQ(with(bytes({0x26}) + text("\xFF") + text("v")), Reason::malformed_packet);
  EXPECT_EQ(with(bytes({0x26}) + text("k") + text("v") + bytes({0x26}) + text("k") + text("v")),
            Reason::success);
}

TEST(PublishDecoding, ReadsEveryField) {
  const std::string list = bytes({0x01, 1, 0x02}) + four(60) + bytes({0x23}) + two(3) + bytes({0x08}) +
                           text("reply") + bytes({0x09}) + text("id") + bytes({0x26}) + text("traceparent") +
                           text("00-ab-cd-01") + bytes({0x26}) + text("tracestate") + text("k=v") +
                           bytes({0x03}) + text("application/json");
  const std::string whole =
      publish({.qos = 2, .id = 777, .duplicate = true, .retain = true, .properties_list = list});
  const auto decoded = decode_publish(frame_of(whole), Version::v5);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().text;
  EXPECT_EQ(decoded->topic, "weather/roof");
  EXPECT_EQ(decoded->payload, "22.5");
  EXPECT_EQ(decoded->packet_id, 777);
  EXPECT_EQ(decoded->qos, 2);
  EXPECT_TRUE(decoded->duplicate);
  EXPECT_TRUE(decoded->retain);
  EXPECT_EQ(decoded->topic_alias, 3);
  EXPECT_EQ(decoded->traceparent, "00-ab-cd-01");
  EXPECT_EQ(decoded->tracestate, "k=v");
}

TEST(PublishDecoding, TakesAnEmptyPayload) {
  const std::string whole = publish({.qos = 0, .payload = ""});
  EXPECT_EQ(decode_publish(frame_of(whole), Version::v3_1_1)->payload, "");
}

TEST(PublishDecoding, RefusesQos3AndDupWithQos0) {
  EXPECT_EQ(publish_error(publish({.qos = 3}), Version::v3_1_1), Reason::malformed_packet);
  EXPECT_EQ(publish_error(publish({.qos = 0, .duplicate = true}), Version::v3_1_1), Reason::malformed_packet);
}

TEST(PublishDecoding, RefusesIdentifierZeroAndWrongTopics) {
  EXPECT_EQ(publish_error(publish({.id = 0}), Version::v3_1_1), Reason::protocol_error);
  EXPECT_EQ(publish_error(publish({.topic = ""}), Version::v3_1_1), Reason::protocol_error);
  EXPECT_EQ(publish_error(publish({.topic = "a/+"}), Version::v3_1_1), Reason::topic_name_invalid);
  EXPECT_EQ(publish_error(publish({.topic = std::string("a\0b", 3)}), Version::v3_1_1),
            Reason::malformed_packet);
  EXPECT_EQ(publish_error(packet(0x32, text("t") + "\x01"), Version::v3_1_1), Reason::malformed_packet);
}

TEST(PublishDecoding, RefusesPropertiesThatAreWrongHere) {
  const auto with = [](const std::string& list, const std::string& topic = "t") {
    return publish_error(publish({.topic = topic, .properties_list = list}));
  };
  EXPECT_EQ(with(bytes({0x0B, 1})), Reason::protocol_error);  // a client sends no Subscription Identifier
  EXPECT_EQ(with(bytes({0x23}) + two(0)), Reason::topic_alias_invalid);
  EXPECT_EQ(with("", ""), Reason::protocol_error);
  EXPECT_EQ(with(bytes({0x23}) + two(1), ""), Reason::success);
  EXPECT_EQ(with(bytes({0x08}) + text("a/#")), Reason::protocol_error);
  EXPECT_EQ(with(bytes({0x08}) + text("\xFF")), Reason::malformed_packet);
  EXPECT_EQ(with(bytes({0x03}) + text("\xFF")), Reason::malformed_packet);
  EXPECT_EQ(with(bytes({0x01, 2})), Reason::protocol_error);
  EXPECT_EQ(with(bytes({0x11}) + four(1)), Reason::malformed_packet);
}

TEST(AckDecoding, TakesEachFormAndRefusesTheRest) {
  EXPECT_EQ(decode_ack(frame_of(pubrel(9)), Version::v3_1_1)->packet_id, 9);
  EXPECT_EQ(decode_ack(frame_of(packet(0x62, two(9) + bytes({0x92}))), Version::v5)->reason,
            Reason::packet_identifier_not_found);
  EXPECT_TRUE(decode_ack(frame_of(packet(0x62, two(9) + bytes({0, 0}))), Version::v5).has_value());
  EXPECT_EQ(error_of(decode_ack(frame_of(packet(0x62, two(9) + bytes({0x10}))), Version::v5)),
            Reason::protocol_error);
  EXPECT_EQ(error_of(decode_ack(frame_of(packet(0x62, two(0))), Version::v5)), Reason::protocol_error);
  EXPECT_EQ(error_of(decode_ack(frame_of(packet(0x62, "\x01")), Version::v5)), Reason::malformed_packet);
  EXPECT_EQ(error_of(decode_ack(frame_of(packet(0x62, two(9) + "x")), Version::v3_1_1)),
            Reason::malformed_packet);
}

TEST(FilterDecoding, ReadsEveryFilter) {
  const std::string two_filters = packet(0x82, two(5) + text("a/#") + bytes({1}) + text("b") + bytes({2}));
  const auto subscribe = decode_filters(frame_of(two_filters), Version::v3_1_1);
  ASSERT_TRUE(subscribe.has_value());
  EXPECT_EQ(subscribe->packet_id, 5);
  EXPECT_EQ(subscribe->filters, (std::vector<std::string_view>{"a/#", "b"}));
  const std::string one_filter = packet(0xA2, two(6) + bytes({0}) + text("a"));
  const auto unsubscribe = decode_filters(frame_of(one_filter), Version::v5);
  ASSERT_TRUE(unsubscribe.has_value());
  EXPECT_EQ(unsubscribe->filters, (std::vector<std::string_view>{"a"}));
}

TEST(FilterDecoding, RefusesWhatTheSpecificationForbids) {
  const auto subscribe = [](const std::string& body, Version version) {
    return error_of(decode_filters(frame_of(packet(0x82, body)), version));
  };
  EXPECT_EQ(subscribe(two(5), Version::v3_1_1), Reason::protocol_error);
  EXPECT_EQ(subscribe(two(0) + text("a") + bytes({0}), Version::v3_1_1), Reason::protocol_error);
  EXPECT_EQ(subscribe(two(5) + text("a"), Version::v3_1_1), Reason::malformed_packet);
  EXPECT_EQ(subscribe(two(5) + text("a") + bytes({3}), Version::v3_1_1), Reason::malformed_packet);
  EXPECT_EQ(subscribe(two(5) + text("a") + bytes({4}), Version::v3_1_1), Reason::malformed_packet);
  EXPECT_EQ(subscribe(two(5) + bytes({0}) + text("a") + bytes({0x40}), Version::v5),
            Reason::malformed_packet);
  EXPECT_EQ(subscribe(two(5) + bytes({0}) + text("a") + bytes({0x30}), Version::v5), Reason::protocol_error);
  EXPECT_EQ(subscribe(two(5) + bytes({0}) + text("$share/g/a") + bytes({4}), Version::v5),
            Reason::protocol_error);
  EXPECT_EQ(subscribe(two(5) + text("\xFF") + bytes({0}), Version::v3_1_1), Reason::malformed_packet);
  EXPECT_EQ(error_of(decode_filters(frame_of(packet(0xA2, two(5))), Version::v3_1_1)),
            Reason::protocol_error);
}

TEST(DisconnectDecoding, TakesEachForm) {
  EXPECT_EQ(decode_disconnect(frame_of(disconnect()), Version::v3_1_1)->reason, Reason::success);
  EXPECT_EQ(decode_disconnect(frame_of(packet(0xE0, bytes({4}))), Version::v5)->reason,
            Reason::disconnect_with_will);
  const auto with_expiry =
      decode_disconnect(frame_of(packet(0xE0, bytes({0, 5, 0x11}) + four(9))), Version::v5);
  ASSERT_TRUE(with_expiry.has_value());
  EXPECT_EQ(with_expiry->session_expiry_s, 9U);
  EXPECT_EQ(error_of(decode_disconnect(frame_of(packet(0xE0, "x")), Version::v3_1_1)),
            Reason::malformed_packet);
  EXPECT_EQ(error_of(decode_disconnect(frame_of(packet(0xE0, bytes({0, 1, 0x7F}))), Version::v5)),
            Reason::malformed_packet);
}

}  // namespace
}  // namespace weather::sensors::listener
