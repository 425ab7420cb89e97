#include <string>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "bridge/kafka/error_table.hpp"

namespace weather::bridge {
namespace {

TEST(ErrorClass, EveryCodeThisLibraryKnowsHasARow) {
  const rd_kafka_err_desc* descriptions = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&descriptions, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& row = descriptions[i];
    if (!row.name || !row.desc || row.code == RD_KAFKA_RESP_ERR__BEGIN || row.code == RD_KAFKA_RESP_ERR__END)
      continue;
    EXPECT_TRUE(is_listed(row.code)) << row.code << " " << row.name;
  }
}

TEST(ErrorClass, AnUnknownCodeBlocks) {
  EXPECT_EQ(classify(12345), ErrorClass::blocked);
  EXPECT_EQ(classify(-12345), ErrorClass::blocked);
}

TEST(ErrorClass, NothingAboutTheClusterOrTheLogInIsEverTheRecordsFault) {
  for (const int code :
       {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__AUTHENTICATION,
        RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, RD_KAFKA_RESP_ERR_POLICY_VIOLATION})
    EXPECT_EQ(classify(code), ErrorClass::blocked) << code;
}

TEST(ErrorClass, KnowsTheRestByName) {
  for (const int code : {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
                         RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                         RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED})
    EXPECT_EQ(classify(code), ErrorClass::transient) << code;
  for (const int code : {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
                         RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP})
    EXPECT_EQ(classify(code), ErrorClass::record) << code;
  for (const int code :
       {RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR__FENCED,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE})
    EXPECT_EQ(classify(code), ErrorClass::fatal) << code;
  for (const int code : {RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__PURGE_QUEUE,
                         RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__DESTROY})
    EXPECT_EQ(classify(code), ErrorClass::local) << code;
  EXPECT_EQ(classify(RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER), ErrorClass::none);
}

TEST(ErrorClass, SaysWhatToDoNext) {
  EXPECT_EQ(explain(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED),
            "Broker: Topic authorization failed: allow this client to write to the topic (an ACL)");
}

}  // namespace
}  // namespace weather::bridge
