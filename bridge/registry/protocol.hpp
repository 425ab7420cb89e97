// What is said to a schema registry with Confluent's API (Confluent's own, Apicurio's /apis/ccompat/v7,
// Karapace), and what its answers mean. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/http_client/address.hpp"

namespace weather::registry {

using http_client::Address;

enum class SchemaType : std::uint8_t { protobuf, avro, json };

// What a registry knows a schema by. guid: 16 bytes, of registries that have them (Confluent's since 8.0),
// otherwise empty: the same in every registry.
struct SchemaId {
  std::int32_t number = 0;
  std::string guid = {};
  friend bool operator==(const SchemaId&, const SchemaId&) = default;
};
// "89791762-2336-4186-9674-299b90a802e2"; empty if the text is none.
std::string guid_from(std::string_view text);
std::string to_text(std::string_view guid);

// The two questions, both POST. look_up changes nothing; enrol adds the schema under the subject.
enum class Question : std::uint8_t { look_up, enrol };
std::string target_of(const Address& address, Question question, std::string_view subject);
std::string question_body(SchemaType type, std::string_view schema);
inline constexpr auto content_type = "application/vnd.schemaregistry.v1+json";

struct Answer {
  enum class Kind : std::uint8_t {
    known,    // id is the schema's
    unknown,  // the registry has no such schema or subject: enrol it
    failed,   // text says why; asked again later, whatever it was: a person may repair it meanwhile
  } kind = Kind::failed;
  SchemaId id = {};
  std::string text = {};  // what happened and what to do
};
Answer read_answer(Question question, unsigned status, std::string_view body, std::string_view subject);

}  // namespace weather::registry
