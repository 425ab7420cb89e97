#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/web/view.hpp"

namespace weather::gateway {
namespace {

namespace json = boost::json;

json::array rows_json(const std::vector<View::Row>& rows) {
  json::array result;
  for (const auto& row : rows) result.emplace_back(json::array(row.begin(), row.end()));
  return result;
}

json::object changed(const std::map<std::string, std::string>& now,
                     const std::map<std::string, std::string>* before) {
  json::object result;
  for (const auto& [id, text] : now) {
    const auto old = before ? before->find(id) : now.end();
    if (!before || old == before->end() || old->second != text) result[id] = text;
  }
  return result;
}

json::object sensor_json(const SensorRow& row) {
  return {{"id", row.id},       {"state", row.state}, {"class", row.state_class},
          {"value", row.value}, {"age", row.age},     {"points", row.points},
          {"label", row.label}, {"scale", row.scale}, {"address", row.address}};
}

void add_sensors(json::object& result, const View& view, const View* before) {
  std::map<std::string_view, const SensorRow*> old;
  bool same_order = before && before->sensors.size() == view.sensors.size();
  if (before)
    for (std::size_t i = 0; i < before->sensors.size(); ++i) {
      old[before->sensors[i].id] = &before->sensors[i];
      same_order = same_order && before->sensors[i].id == view.sensors[i].id;
    }
  json::array rows, ages, order;
  for (const auto& row : view.sensors) {
    const auto found = old.find(row.id);
    if (found == old.end() || !found->second->same_but_age(row)) rows.emplace_back(sensor_json(row));
    ages.emplace_back(row.age);
    order.emplace_back(row.id);
  }
  result["sensors"] = std::move(rows);
  result["ages"] = std::move(ages);
  if (!same_order) result["order"] = std::move(order);
}

}  // namespace

std::string view_json(const View& view, const View* before) {
  json::object result;
  result["texts"] = changed(view.texts, before ? &before->texts : nullptr);
  result["classes"] = changed(view.classes, before ? &before->classes : nullptr);
  result["labels"] = changed(view.labels, before ? &before->labels : nullptr);
  if (!before || before->routes != view.routes) result["routes"] = rows_json(view.routes);
  if (!before || before->brokers != view.brokers) result["brokers"] = rows_json(view.brokers);
  if (!before || before->sources != view.sources) result["sources"] = rows_json(view.sources);
  if (!before || before->events != view.events) {
    json::array events;
    for (const auto& event : view.events) events.emplace_back(json::array(event.begin(), event.end()));
    result["events"] = std::move(events);
  }
  for (const auto& [name, links] : {std::pair("pager", &View::pager), {"ignored", &View::ignored}}) {
    if (before && before->*links == view.*links) continue;
    json::array all;
    for (const auto& link : view.*links) all.emplace_back(json::array(link.begin(), link.end()));
    result[name] = std::move(all);
  }
  add_sensors(result, view, before);
  return json::serialize(result);
}

}  // namespace weather::gateway
