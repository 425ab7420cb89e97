#include "gateway/output/version.hpp"

#include <boost/version.hpp>
#include <librdkafka/rdkafka.h>
#include <sysexits.h>

#include "gateway/commands/commands.hpp"
#include "gateway/output/print.hpp"

namespace weather::gateway {

int version_command(bool json) {
  const auto text = format(json ? "{\"schema_version\":1,\"version\":\"%s\",\"revision\":\"%s\","
                                  "\"librdkafka\":\"%s\","
                                  "\"boost\":\"%s\","
                                  "\"compiler\":\"gcc %s\"}\n"
                                : "weather-gateway %s (%s)\nlibrdkafka %s\nboost %s\ngcc %s\n",
                           std::string(version()).c_str(), std::string(revision()).c_str(),
                           ::rd_kafka_version_str(), BOOST_LIB_VERSION, __VERSION__);
  print_own(text);
  return EX_OK;
}

}  // namespace weather::gateway
