#include "bridge/registry/registry.hpp"

#include "bridge/registry/http_post.hpp"
#include "bridge/registry/protocol.hpp"

namespace weather::registry {
namespace {

tl::expected<Answer, std::string> ask(const RegistryOptions& options, const Address& address,
                                      Question question, const std::string& subject,
                                      const std::string& schema) {
  HttpPost post;
  post.address = address;
  post.target = target_of(address, question, subject);
  post.body = question_body(schema);
  post.ca_file = options.ca_file;
  if (!options.username.empty()) post.authorization = basic_authorization(options.username, options.password);
  const auto answer = http_post(post);
  if (!answer) return tl::unexpected(answer.error());
  return read_answer(question, answer->status, answer->body, subject);
}

}  // namespace

// Looked up first: a user who may only read is enough once the schema is there.
tl::expected<std::int32_t, std::string> ask_registry(const RegistryOptions& options,
                                                     const std::string& subject, const std::string& schema) {
  const auto address = parse_address(options.url);
  if (!address) return tl::unexpected(address.error());
  auto answer = ask(options, *address, Question::look_up, subject, schema);
  if (answer && answer->kind == Answer::Kind::unknown) {
    if (!options.enrol)
      return tl::unexpected("it does not know our schema under subject " + subject +
                            ": register reading.proto there, or set schema_registry.register = true");
    answer = ask(options, *address, Question::enrol, subject, schema);
  }
  if (!answer) return tl::unexpected(answer.error());
  if (answer->kind == Answer::Kind::known) return answer->id;
  return tl::unexpected(answer->text);
}

}  // namespace weather::registry
