#include "gateway/api/naming.hpp"

#include <ctime>

#include "bridge/log/bytes.hpp"
#include "bridge/log/files.hpp"
#include "bridge/log/write_file.hpp"
#include "gateway/config/given_names.hpp"
#include "gateway/output/say.hpp"
#include "gateway/web/sensor_page.hpp"
#include "sensors/reading/printable.hpp"
#include "sensors/reading/time.hpp"

namespace weather::gateway {
namespace {

constexpr std::uint64_t most_names_bytes = 1U << 20;

std::optional<NameRequest> request_in(const HttpRequest& from) {
  if (!from.content_type.starts_with("application/x-www-form-urlencoded")) return std::nullopt;
  HttpRequest form;
  split_target("?" + from.body, form);
  NameRequest request;
  request.id = form.query["id"];
  request.name = form.query["name"];
  const auto& act = form.query["act"];
  if (request.id.empty()) return std::nullopt;
  if (act == "ignore")
    request.act = NameRequest::Act::ignore;
  else if (act == "hear")
    request.act = NameRequest::Act::hear;
  else if (act != "rename")
    return std::nullopt;
  return request;
}

// Empty: it is durable.
std::string write_names(const std::filesystem::path& path, const std::string& content) {
  const auto done = log::replace_durably(log::posix_files(), path, log::bytes_of(content));
  return done ? "" : done.error().message();
}

// The file as it is; empty where there is none.
tl::expected<std::string, std::string> names_text(const std::filesystem::path& path) {
  const auto bytes = log::read_file(log::posix_files(), path, most_names_bytes);
  if (!bytes && bytes.error() == log::Errc::not_found) return std::string();
  if (!bytes) return tl::unexpected(bytes.error().message());
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

class Naming {
 public:
  explicit Naming(App& app) : app_(app), path_(app.config().gateway.data_dir / given_names_file) {}

  void answer(const NameRequest& request, const Respond& respond) {
    const auto before = names_text(path_);
    const auto given = before ? given_names_from(*before) : tl::unexpected(before.error());
    if (!given)
      return refuse(respond, 500, path_.string() + " cannot be read: " + given.error() + ".", &request);
    const auto next = changed(*given, in_use(), request, "from the page, " + today());
    if (!next) return refuse(respond, 409, next.error(), nullptr);
    if (const auto error = write_names(path_, to_toml(*next)); !error.empty())
      return refuse(respond, 500, path_.string() + " cannot be written: " + error + ".", &request);
    const auto report = app_.request_reload();
    if (!report.good) {
      (void)write_names(path_, *before);
      std::string faults;
      for (const auto& fault : report.faults) faults += "\n" + fault;
      return refuse(respond, 500, "The configuration has faults and was not read again:" + faults, &request);
    }
    take_over(request, respond);
  }

 private:
  static std::string today() {
    return sensors::format_time(static_cast<std::int64_t>(std::time(nullptr)) * 1'000'000'000).substr(0, 10);
  }

  NamesInUse in_use() const {
    NamesInUse now{app_.config().sensors.names, {}};
    for (const auto& sensor : app_.sensors().snapshot()) now.sensors.insert(sensor.id);
    return now;
  }

  void refuse(const Respond& respond, unsigned code, const std::string& why,
              const NameRequest* request) const {
    auto text = why + "\nNothing has changed.";
    if (request != nullptr)
      text += " To say it in the configuration instead (a file in its conf.d), and reload:\n\n" +
              by_hand(in_use(), *request);
    std::string shown;
    for (std::size_t at = 0;
         at <= text.size();) {  // line by line: a line end is none of the hidden characters
      const auto end = std::min(text.find('\n', at), text.size());
      shown += (at == 0 ? "" : "\n") + sensors::printable(text.substr(at, end - at));
      at = end + 1;
    }
    respond(text_response(code, shown));
  }

  // The row under the old name is gone at once; the new one is there with the next reading.
  void take_over(const NameRequest& request, const Respond& respond) {
    const bool renamed = request.act == NameRequest::Act::rename;
    const auto name = renamed ? app_name(request) : request.id;
    say(Level::info,
        renamed ? "sensor " + request.id + " is called " + name + " from now on, by the page"
                : "sensor " + request.id +
                      (request.act == NameRequest::Act::ignore ? " is ignored from now on, by the page"
                                                               : " is heard again, by the page"));
    if (renamed) app_.history().rename(request.id, name);
    if (request.act != NameRequest::Act::hear)
      app_.sensor_store().forget(request.id, [](bool, const std::string&) {});
    auto response = text_response(303, "");
    response.headers.emplace_back("Location", renamed ? sensor_address(name) + "&renamed=1" : "/");
    respond(std::move(response));
  }

  std::string app_name(const NameRequest& request) const {
    const auto begin = request.name.find_first_not_of(" \t\r\n");
    return request.name.substr(begin, request.name.find_last_not_of(" \t\r\n") + 1 - begin);
  }

  App& app_;
  const std::filesystem::path path_;
};

}  // namespace

void add_naming(Router& router, App& app) {
  router.post("/sensor", [&app](const HttpRequest& request, const Respond& respond) {
    const auto asked = request_in(request);
    if (!asked)
      return respond(text_response(400, "A form with id and act: rename (with name), ignore or hear."));
    Naming(app).answer(*asked, respond);
  });
}

}  // namespace weather::gateway
