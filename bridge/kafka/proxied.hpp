// Settings of ours among librdkafka's, for whatever is given as those: proxy.url, proxy.username,
// proxy.password, proxy.ca.location, proxy.no_proxy. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bridge/options/options.hpp"
#include "bridge/proxy/settings.hpp"

namespace weather::bridge {

std::span<const std::string_view> proxy_setting_names();
bool is_proxy_setting(std::string_view name);

// Behind the name: what is wrong with a single one; empty: nothing.
std::string proxy_fault(std::string_view name, const std::string& value);

// Of all together; without proxy.url there is no proxy, and nothing is carried. The error is a sentence.
tl::expected<proxy::Settings, std::string> proxy_settings(const Properties& properties);

// An error text of librdkafka's, with the proxy's trouble in place of what the library could see of it.
std::string with_trouble(const std::string& text, const std::string& trouble);

}  // namespace weather::bridge
