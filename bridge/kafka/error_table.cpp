#include "bridge/kafka/error_table.hpp"

#include <algorithm>
#include <iterator>

#include <librdkafka/rdkafka.h>

#include "bridge/core/kafka_codes.hpp"
#include "bridge/core/relay_codes.hpp"

namespace weather::bridge {
namespace {

// The names that decisions ask for are librdkafka's numbers.
constexpr bool same(int name, int number) {
  return name == number;
}
static_assert(same(code::purge_queue, RD_KAFKA_RESP_ERR__PURGE_QUEUE));
static_assert(same(code::queue_full, RD_KAFKA_RESP_ERR__QUEUE_FULL));
static_assert(same(code::destroyed, RD_KAFKA_RESP_ERR__DESTROY));
static_assert(same(code::transport, RD_KAFKA_RESP_ERR__TRANSPORT));
static_assert(same(code::resolve, RD_KAFKA_RESP_ERR__RESOLVE));
static_assert(same(code::all_brokers_down, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN));
static_assert(same(code::invalid_argument, RD_KAFKA_RESP_ERR__INVALID_ARG));
static_assert(same(code::timed_out, RD_KAFKA_RESP_ERR__TIMED_OUT));
static_assert(same(code::tls, RD_KAFKA_RESP_ERR__SSL));
static_assert(same(code::state, RD_KAFKA_RESP_ERR__STATE));
static_assert(same(code::authentication, RD_KAFKA_RESP_ERR__AUTHENTICATION));
static_assert(same(code::unsupported_feature, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE));
static_assert(same(code::fatal, RD_KAFKA_RESP_ERR__FATAL));
static_assert(same(code::fenced, RD_KAFKA_RESP_ERR__FENCED));
static_assert(same(code::none, RD_KAFKA_RESP_ERR_NO_ERROR));
static_assert(same(code::topic_exception, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION));
static_assert(same(code::topic_authorization_failed, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
static_assert(same(code::cluster_authorization_failed, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED));
static_assert(same(code::invalid_timestamp, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP));
static_assert(same(code::unsupported_sasl_mechanism, RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM));
static_assert(same(code::unsupported_version, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION));
static_assert(same(code::invalid_producer_epoch, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH));
static_assert(same(code::sasl_authentication_failed, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED));
static_assert(same(code::unsupported_compression_type, RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE));
static_assert(same(code::producer_fenced, RD_KAFKA_RESP_ERR_PRODUCER_FENCED));

constexpr auto T = ErrorClass::transient;
constexpr auto B = ErrorClass::blocked;
constexpr auto R = ErrorClass::record;
constexpr auto F = ErrorClass::fatal;
constexpr auto L = ErrorClass::local;

struct Row {
  int code;
  ErrorClass error_class;
  std::string_view advice;
};

constexpr std::string_view check_server = "check the broker's own log";
constexpr std::string_view credentials = "check user name, password and mechanism (sasl.*)";
constexpr std::string_view write_acl = "allow this client to write to the topic (an ACL)";
constexpr std::string_view cluster_acl = "allow this client IdempotentWrite on the cluster (an ACL)";
constexpr std::string_view txn_acl = "allow this client to use its transactional id (an ACL)";
constexpr std::string_view make_topic = "create the topic, or correct its name";
constexpr std::string_view topic_name = "correct the topic's name";
constexpr std::string_view too_large = "raise max.message.bytes of the topic, or send less per record";
constexpr std::string_view other_instance = "another gateway uses the same identity: stop one of the two";

// Sorted by code. Codes above 97 and below -140 came after librdkafka 2.0.2, hence the numbers.
// Classes after rd_kafka_handle_Produce_error of librdkafka and the Kafka protocol's error table.
constexpr Row table[] = {
    {-199, R, {}},                                               // _BAD_MSG
    {-198, R, {}},                                               // _BAD_COMPRESSION
    {-197, L, {}},                                               // _DESTROY
    {-196, B, {}},                                               // _FAIL
    {-195, T, {}},                                               // _TRANSPORT
    {-194, T, "free memory or file handles on this machine"},    // _CRIT_SYS_RESOURCE
    {-193, T, "check bootstrap.servers and the name server"},    // _RESOLVE
    {-192, T, {}},                                               // _MSG_TIMED_OUT
    {-191, T, {}},                                               // _PARTITION_EOF
    {-190, B, "create the topic, if it was deleted"},            // _UNKNOWN_PARTITION
    {-189, T, {}},                                               // _FS
    {-188, B, make_topic},                                       // _UNKNOWN_TOPIC
    {-187, T, {}},                                               // _ALL_BROKERS_DOWN
    {-186, B, {}},                                               // _INVALID_ARG
    {-185, T, {}},                                               // _TIMED_OUT
    {-184, L, {}},                                               // _QUEUE_FULL
    {-183, T, {}},                                               // _ISR_INSUFF
    {-182, T, {}},                                               // _NODE_UPDATE
    {-181, T, "check certificates and security.protocol"},       // _SSL
    {-180, T, {}},                                               // _WAIT_COORD
    {-179, B, {}},                                               // _UNKNOWN_GROUP
    {-178, T, {}},                                               // _IN_PROGRESS
    {-177, T, {}},                                               // _PREV_IN_PROGRESS
    {-176, B, {}},                                               // _EXISTING_SUBSCRIPTION
    {-175, B, {}},                                               // _ASSIGN_PARTITIONS
    {-174, B, {}},                                               // _REVOKE_PARTITIONS
    {-173, B, {}},                                               // _CONFLICT
    {-172, F, {}},                                               // _STATE
    {-171, B, "is that address a Kafka broker?"},                // _UNKNOWN_PROTOCOL
    {-170, B, {}},                                               // _NOT_IMPLEMENTED
    {-169, B, credentials},                                      // _AUTHENTICATION
    {-168, B, {}},                                               // _NO_OFFSET
    {-167, T, {}},                                               // _OUTDATED
    {-166, T, {}},                                               // _TIMED_OUT_QUEUE
    {-165, B, "the broker is too old for a setting in use"},     // _UNSUPPORTED_FEATURE
    {-164, T, {}},                                               // _WAIT_CACHE
    {-163, T, {}},                                               // _INTR
    {-162, R, {}},                                               // _KEY_SERIALIZATION
    {-161, R, {}},                                               // _VALUE_SERIALIZATION
    {-160, R, {}},                                               // _KEY_DESERIALIZATION
    {-159, R, {}},                                               // _VALUE_DESERIALIZATION
    {-158, T, {}},                                               // _PARTIAL
    {-157, B, {}},                                               // _READ_ONLY
    {-156, B, {}},                                               // _NOENT
    {-155, T, {}},                                               // _UNDERFLOW
    {-154, B, {}},                                               // _INVALID_TYPE
    {-153, T, {}},                                               // _RETRY
    {-152, L, {}},                                               // _PURGE_QUEUE
    {-151, L, {}},                                               // _PURGE_INFLIGHT
    {-150, F, {}},                                               // _FATAL
    {-149, F, {}},                                               // _INCONSISTENT
    {-148, F, {}},                                               // _GAPLESS_GUARANTEE
    {-147, B, {}},                                               // _MAX_POLL_EXCEEDED
    {-146, T, {}},                                               // _UNKNOWN_BROKER
    {-145, B, {}},                                               // _NOT_CONFIGURED
    {-144, F, other_instance},                                   // _FENCED
    {-143, B, {}},                                               // _APPLICATION
    {-142, B, {}},                                               // _ASSIGNMENT_LOST
    {-141, T, {}},                                               // _NOOP
    {-140, B, {}},                                               // _AUTO_OFFSET_RESET
    {-139, T, {}},                                               // _LOG_TRUNCATION
    {-138, L, {}},                                               // _INVALID_DIFFERENT_RECORD: an innocent one
    {-137, T, {}},                                               // _DESTROY_BROKER
    {-1, B, check_server},                                       // UNKNOWN
    {1, B, {}},                                                  // OFFSET_OUT_OF_RANGE
    {2, T, {}},                                                  // INVALID_MSG: a checksum failed on the way
    {3, B, make_topic},                                          // UNKNOWN_TOPIC_OR_PART
    {4, R, {}},                                                  // INVALID_MSG_SIZE
    {5, T, {}},                                                  // LEADER_NOT_AVAILABLE
    {6, T, {}},                                                  // NOT_LEADER_FOR_PARTITION
    {7, T, {}},                                                  // REQUEST_TIMED_OUT
    {8, T, {}},                                                  // BROKER_NOT_AVAILABLE
    {9, T, {}},                                                  // REPLICA_NOT_AVAILABLE
    {10, R, too_large},                                          // MSG_SIZE_TOO_LARGE
    {11, T, {}},                                                 // STALE_CTRL_EPOCH
    {12, B, {}},                                                 // OFFSET_METADATA_TOO_LARGE
    {13, T, {}},                                                 // NETWORK_EXCEPTION
    {14, T, {}},                                                 // COORDINATOR_LOAD_IN_PROGRESS
    {15, T, {}},                                                 // COORDINATOR_NOT_AVAILABLE
    {16, T, {}},                                                 // NOT_COORDINATOR
    {17, B, topic_name},                                         // TOPIC_EXCEPTION
    {18, R, too_large},                                          // RECORD_LIST_TOO_LARGE
    {19, T, "too few replicas are in sync: check the brokers"},  // NOT_ENOUGH_REPLICAS
    {20, T, "too few replicas are in sync: check the brokers"},  // NOT_ENOUGH_REPLICAS_AFTER_APPEND
    {21, B, {}},                                                 // INVALID_REQUIRED_ACKS
    {22, T, {}},                                                 // ILLEGAL_GENERATION
    {23, B, {}},                                                 // INCONSISTENT_GROUP_PROTOCOL
    {24, B, {}},                                                 // INVALID_GROUP_ID
    {25, T, {}},                                                 // UNKNOWN_MEMBER_ID
    {26, B, {}},                                                 // INVALID_SESSION_TIMEOUT
    {27, T, {}},                                                 // REBALANCE_IN_PROGRESS
    {28, B, {}},                                                 // INVALID_COMMIT_OFFSET_SIZE
    {29, B, write_acl},                                          // TOPIC_AUTHORIZATION_FAILED
    {30, B, "allow this client to use the group (an ACL)"},      // GROUP_AUTHORIZATION_FAILED
    {31, B, cluster_acl},                                        // CLUSTER_AUTHORIZATION_FAILED
    {32, R, "check this machine's clock and message.timestamp.* of the topic"},  // INVALID_TIMESTAMP
    {33, B, "choose a sasl.mechanism the broker has"},                           // UNSUPPORTED_SASL_MECHANISM
    {34, B, "check security.protocol and sasl.mechanism"},                       // ILLEGAL_SASL_STATE
    {35, B, "the broker is too old or too new for this client"},                 // UNSUPPORTED_VERSION
    {36, T, {}},                                                                 // TOPIC_ALREADY_EXISTS
    {37, B, {}},                                                                 // INVALID_PARTITIONS
    {38, B, {}},                                                                 // INVALID_REPLICATION_FACTOR
    {39, B, {}},                                                                 // INVALID_REPLICA_ASSIGNMENT
    {40, B, {}},                                                                 // INVALID_CONFIG
    {41, T, {}},                                                                 // NOT_CONTROLLER
    {42, B, {}},                                                                 // INVALID_REQUEST
    {43, B, "the topic's message format is too old: headers need 0.11"},  // UNSUPPORTED_FOR_MESSAGE_FORMAT
    {44, B, "the cluster's policy forbids it: ask its owner"},            // POLICY_VIOLATION
    {45, F, {}},                                                          // OUT_OF_ORDER_SEQUENCE_NUMBER
    {46, L, {}},                                                 // DUPLICATE_SEQUENCE_NUMBER: is_success
    {47, F, other_instance},                                     // INVALID_PRODUCER_EPOCH
    {48, F, {}},                                                 // INVALID_TXN_STATE
    {49, F, {}},                                                 // INVALID_PRODUCER_ID_MAPPING
    {50, B, "lower transaction.timeout.ms"},                     // INVALID_TRANSACTION_TIMEOUT
    {51, T, {}},                                                 // CONCURRENT_TRANSACTIONS
    {52, F, other_instance},                                     // TRANSACTION_COORDINATOR_FENCED
    {53, B, txn_acl},                                            // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    {54, B, "the broker has no security switched on"},           // SECURITY_DISABLED
    {55, T, {}},                                                 // OPERATION_NOT_ATTEMPTED
    {56, T, "a broker's disk fails: check it"},                  // KAFKA_STORAGE_ERROR
    {57, T, "a broker's disk fails: check it"},                  // LOG_DIR_NOT_FOUND
    {58, B, credentials},                                        // SASL_AUTHENTICATION_FAILED
    {59, F, {}},                                                 // UNKNOWN_PRODUCER_ID
    {60, T, {}},                                                 // REASSIGNMENT_IN_PROGRESS
    {61, B, credentials},                                        // DELEGATION_TOKEN_AUTH_DISABLED
    {62, B, credentials},                                        // DELEGATION_TOKEN_NOT_FOUND
    {63, B, credentials},                                        // DELEGATION_TOKEN_OWNER_MISMATCH
    {64, B, credentials},                                        // DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    {65, B, credentials},                                        // DELEGATION_TOKEN_AUTHORIZATION_FAILED
    {66, B, "renew the delegation token"},                       // DELEGATION_TOKEN_EXPIRED
    {67, B, credentials},                                        // INVALID_PRINCIPAL_TYPE
    {68, B, {}},                                                 // NON_EMPTY_GROUP
    {69, B, {}},                                                 // GROUP_ID_NOT_FOUND
    {70, T, {}},                                                 // FETCH_SESSION_ID_NOT_FOUND
    {71, T, {}},                                                 // INVALID_FETCH_SESSION_EPOCH
    {72, T, {}},                                                 // LISTENER_NOT_FOUND
    {73, B, {}},                                                 // TOPIC_DELETION_DISABLED
    {74, T, {}},                                                 // FENCED_LEADER_EPOCH
    {75, T, {}},                                                 // UNKNOWN_LEADER_EPOCH
    {76, B, "set compression.type=lz4: the broker is too old"},  // UNSUPPORTED_COMPRESSION_TYPE
    {77, T, {}},                                                 // STALE_BROKER_EPOCH
    {78, T, {}},                                                 // OFFSET_NOT_AVAILABLE
    {79, T, {}},                                                 // MEMBER_ID_REQUIRED
    {80, T, {}},                                                 // PREFERRED_LEADER_NOT_AVAILABLE
    {81, B, {}},                                                 // GROUP_MAX_SIZE_REACHED
    {82, B, other_instance},                                     // FENCED_INSTANCE_ID
    {83, T, {}},                                                 // ELIGIBLE_LEADERS_NOT_AVAILABLE
    {84, T, {}},                                                 // ELECTION_NOT_NEEDED
    {85, T, {}},                                                 // NO_REASSIGNMENT_IN_PROGRESS
    {86, B, {}},                                                 // GROUP_SUBSCRIBED_TO_TOPIC
    {87, R, "the broker refuses its content (a compacted topic without key, a schema check)"},
    {88, T, {}},               // UNSTABLE_OFFSET_COMMIT
    {89, T, {}},               // THROTTLING_QUOTA_EXCEEDED
    {90, F, other_instance},   // PRODUCER_FENCED
    {91, B, {}},               // RESOURCE_NOT_FOUND
    {92, B, {}},               // DUPLICATE_RESOURCE
    {93, B, credentials},      // UNACCEPTABLE_CREDENTIAL
    {94, T, {}},               // INCONSISTENT_VOTER_SET
    {95, T, {}},               // INVALID_UPDATE_VERSION
    {96, T, {}},               // FEATURE_UPDATE_FAILED
    {97, B, credentials},      // PRINCIPAL_DESERIALIZATION_FAILURE
    {99, T, {}},               // UNKNOWN_TOPIC_ID (older numbering)
    {100, T, {}},              // UNKNOWN_TOPIC_ID: metadata is refreshed
    {101, T, {}},              // DUPLICATE_BROKER_REGISTRATION
    {103, T, {}},              // INCONSISTENT_TOPIC_ID
    {106, T, {}},              // FETCH_SESSION_TOPIC_ID_ERROR
    {107, F, {}},              // INELIGIBLE_REPLICA
    {110, T, {}},              // FENCED_MEMBER_EPOCH
    {111, B, other_instance},  // UNRELEASED_INSTANCE_ID
    {112, B, {}},              // UNSUPPORTED_ASSIGNOR
    {113, T, {}},              // STALE_MEMBER_EPOCH
    {117, T, {}},              // UNKNOWN_SUBSCRIPTION_ID
    {118, T, {}},              // TELEMETRY_TOO_LARGE
    {120, F, {}},              // TRANSACTION_ABORTABLE
    {129, T, {}},              // REBOOTSTRAP_REQUIRED
};
static_assert(std::is_sorted(std::begin(table), std::end(table),
                             [](const Row& a, const Row& b) { return a.code < b.code; }));

const Row* find(int code) {
  const auto* row = std::lower_bound(std::begin(table), std::end(table), code,
                                     [](const Row& r, int wanted) { return r.code < wanted; });
  return row != std::end(table) && row->code == code ? row : nullptr;
}

}  // namespace

std::string_view to_string(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::none:
      return "none";
    case ErrorClass::transient:
      return "transient";
    case ErrorClass::blocked:
      return "blocked";
    case ErrorClass::record:
      return "record";
    case ErrorClass::fatal:
      return "fatal";
    case ErrorClass::local:
      return "local";
  }
  return "unknown";
}

ErrorClass classify(int code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || is_success(code)) return ErrorClass::none;
  if (relay::is_code(code)) return relay::classify(code);
  const Row* row = find(code);
  return row ? row->error_class : ErrorClass::blocked;
}

bool is_listed(int code) {
  return code == RD_KAFKA_RESP_ERR_NO_ERROR || find(code) != nullptr;
}

bool is_success(int code) {
  return code == RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER;
}

std::string explain(int code) {
  if (relay::is_code(code)) return relay::explain(code);
  std::string text = rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code));
  const Row* row = find(code);
  if (row && !row->advice.empty()) text.append(": ").append(row->advice);
  return text;
}

std::string_view record_reason(int code) {
  if (relay::is_code(code)) return relay::record_reason(code);
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return "too_large";
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return "invalid_timestamp";
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return "invalid_record";
    default:
      return "refused";
  }
}

}  // namespace weather::bridge
