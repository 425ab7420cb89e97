// A payload that could not be decoded when it came, tried again with the decoders of the present
// configuration.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "gateway/app/app.hpp"
#include "gateway/config/source_kinds.hpp"
#include "sensors/sink.hpp"

namespace weather::gateway {

// Does one of these MQTT topic filters match?
bool subscribed(const std::vector<std::string>& filters, std::string_view topic);

// Does a message of this topic come to that source?
bool takes_topic(const Reads& source, std::string_view topic);

// A new decoder of the source with this name. The error is a sentence.
tl::expected<sensors::Decoder, std::string> decoder_of_source(const Config& config, std::string_view source,
                                                              std::string_view topic);

// The readings of what `letter` keeps raw, marked FLAG_HISTORICAL: they are late. The error says why not.
tl::expected<std::vector<sensors::Reading>, std::string> redecode(const Config& config,
                                                                  const sensors::Reading& letter);

// Sends a dead letter once more. One that could not be decoded is decoded again, its readings go through the
// log like any others, with identities of their own, and it is settled once they are durable. On the io
// thread; done gets an empty text or why not.
void retry_dead_letter(App& app, std::uint64_t id, std::function<void(std::string)> done);

}  // namespace weather::gateway
