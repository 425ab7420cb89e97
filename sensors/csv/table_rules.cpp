#include "sensors/csv/table_rules.hpp"

#include <string>

namespace weather::sensors {

std::vector<FieldRule> table_rules(bool records) {
  std::vector<FieldRule> out;
  if (records) {
    out.push_back(make_rule('/' + std::string(record_number), "record").value());
    out.back().target = Target::sequence;
  }
  out.push_back(common_names());
  out.push_back(make_rule("/{name}", "{name}").value());
  out.back().numbers_only = true;
  return out;
}

}  // namespace weather::sensors
