#include "bridge/registry/registry.hpp"

#include "bridge/http_client/http_post.hpp"
#include "bridge/registry/protocol.hpp"

namespace weather::registry {
namespace {

tl::expected<Answer, std::string> ask(const RegistryOptions& options, const Address& address,
                                      Question question, const SchemaKey& key) {
  http_client::HttpPost post;
  post.address = address;
  post.target = target_of(address, question, key.subject);
  post.body = question_body(key.type, key.schema);
  post.content_type = content_type;
  post.accept = std::string(content_type) + ", application/json";
  post.ca_file = options.ca_file;
  post.ca_setting = "schema_registry.ca_file";
  post.proxy = options.proxy;
  if (!options.username.empty())
    post.authorization = http_client::basic_authorization(options.username, options.password);
  const auto answer = http_client::http_post(post);
  if (!answer) return tl::unexpected(answer.error());
  return read_answer(question, answer->status, answer->body, key.subject);
}

}  // namespace

// Looked up first: a user who may only read is enough once the schema is there.
tl::expected<SchemaId, std::string> ask_registry(const RegistryOptions& options, const SchemaKey& key) {
  const auto address = http_client::parse_address(options.url);
  if (!address) return tl::unexpected(address.error());
  auto answer = ask(options, *address, Question::look_up, key);
  if (answer && answer->kind == Answer::Kind::unknown) {
    if (!options.enrol)
      return tl::unexpected("it does not know our schema under subject " + key.subject +
                            ": register it there, or set schema_registry.register = true");
    answer = ask(options, *address, Question::enrol, key);
  }
  if (!answer) return tl::unexpected(answer.error());
  if (answer->kind == Answer::Kind::known && key.guid && answer->id.guid.empty())
    return tl::unexpected(std::string(
        "it gives schemas no GUID, as Confluent's does since 8.0: set schema_registry.id_in = \"value\""));
  if (answer->kind == Answer::Kind::known) return answer->id;
  return tl::unexpected(answer->text);
}

}  // namespace weather::registry
