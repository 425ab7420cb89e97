// The codes of rd_kafka_resp_err_t that decisions ask for by name, without librdkafka's header: the core
// knows none. kafka/error_class.cpp checks that they are the same. A code not listed here is only ever
// classified.
#pragma once

namespace weather::bridge::code {

enum : int {
  purge_queue = -152,
  queue_full = -184,
  destroyed = -197,
  transport = -195,
  resolve = -193,
  all_brokers_down = -187,
  invalid_argument = -186,
  timed_out = -185,
  tls = -181,
  state = -172,
  authentication = -169,
  unsupported_feature = -165,
  fatal = -150,
  fenced = -144,
  none = 0,
  topic_exception = 17,
  topic_authorization_failed = 29,
  cluster_authorization_failed = 31,
  invalid_timestamp = 32,
  unsupported_sasl_mechanism = 33,
  unsupported_version = 35,
  invalid_producer_epoch = 47,
  sasl_authentication_failed = 58,
  unsupported_compression_type = 76,
  producer_fenced = 90,
};

}  // namespace weather::bridge::code
