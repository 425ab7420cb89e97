#include "bridge/core/topic_questions.hpp"

#include "bridge/core/kafka_codes.hpp"

namespace weather::bridge {

bool TopicQuestions::is_final(int code) {
  switch (code) {
    case code::none:
    case code::topic_authorization_failed:  // DescribeConfigs is a right of its own
    case code::cluster_authorization_failed:
    case code::unsupported_version:
    case code::unsupported_feature:
    case code::topic_exception:
      return true;
    default:
      return false;
  }
}

}  // namespace weather::bridge
