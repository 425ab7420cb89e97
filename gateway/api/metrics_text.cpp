#include "gateway/api/metrics_text.hpp"

#include <charconv>

#include "sensors/reading/number.hpp"
#include "sensors/reading/printable.hpp"

namespace weather::gateway {
namespace {

std::string escaped(const std::string& value) {
  std::string result;
  for (const char c : sensors::printable(value)) {
    if (c == '\\' || c == '"') result += '\\';
    result += c;
  }
  return result;
}

// As OpenMetrics wants a bucket's edge: "0.5", "1.0". The same in both formats, so that a series stays one.
std::string edge_text(double edge) {
  std::string text;
  sensors::append_number(text, edge);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "text/plain;version=0.0.4;q=0.3" -> 0.3; without a q: 1 (RFC 9110, 12.4.2).
double quality_of(std::string_view range) {
  for (auto at = range.find(';'); at != std::string_view::npos;) {
    const auto next = range.find(';', at + 1);
    const auto parameter =
        trimmed(range.substr(at + 1, next == std::string_view::npos ? next : next - at - 1));
    if (parameter.starts_with("q=")) {
      double q = 0;
      std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), q);
      return q;
    }
    at = next;
  }
  return 1;
}

}  // namespace

MetricsFormat metrics_format(std::string_view accept) {
  auto best = MetricsFormat::prometheus;
  double best_quality = 0;
  while (!accept.empty()) {
    const auto comma = std::min(accept.find(','), accept.size());
    const auto range = trimmed(accept.substr(0, comma));
    accept.remove_prefix(std::min(comma + 1, accept.size()));
    const auto type = trimmed(range.substr(0, range.find(';')));
    const bool open = type == "application/openmetrics-text";
    if (!open && type != "text/plain" && type != "text/*" && type != "*/*") continue;
    if (const double quality = quality_of(range); quality > best_quality) {
      best = open ? MetricsFormat::openmetrics : MetricsFormat::prometheus;
      best_quality = quality;
    }
  }
  return best;
}

std::string_view metrics_content_type(MetricsFormat format) {
  return format == MetricsFormat::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                              : "text/plain; version=0.0.4; charset=utf-8";
}

void MetricsText::family(std::string_view name, std::string_view type, std::string_view help) {
  // Prometheus' text names a counter's family with _total, OpenMetrics without; its samples always have it.
  const bool counter = type == "counter";
  const auto family = std::string(name) + (counter && format_ == MetricsFormat::prometheus ? "_total" : "");
  text_ +=
      "# HELP " + family + " " + std::string(help) + "\n# TYPE " + family + " " + std::string(type) + "\n";
  name_ = std::string(name) + (counter ? "_total" : "");
}

void MetricsText::line(std::string_view suffix, const Labels& labels, double value) {
  text_ += name_;
  text_ += suffix;
  char separator = '{';
  for (const auto& [name, text] : labels) {
    text_ += separator;
    text_ += std::string(name) + "=\"" + escaped(text) + "\"";
    separator = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  sensors::append_number(text_, value);
  text_ += '\n';
}

void MetricsText::sample(double value, const Labels& labels) {
  line("", labels, value);
}

void MetricsText::one(std::string_view name, std::string_view type, std::string_view help, double value) {
  family(name, type, help);
  sample(value);
}

void MetricsText::histogram(const log::Histogram& times, const Labels& labels, double from_s, double to_s) {
  auto bucket = labels;
  bucket.emplace_back("le", "");
  for (std::size_t i = 0; i < log::Histogram::edges.size(); ++i) {
    const double edge = log::Histogram::edges[i];
    if (edge < from_s || edge > to_s) continue;
    bucket.back().second = edge_text(edge);
    line("_bucket", bucket, static_cast<double>(times.at_most(i)));
  }
  bucket.back().second = "+Inf";
  line("_bucket", bucket, static_cast<double>(times.total()));
  line("_sum", labels, times.sum_s());
  line("_count", labels, static_cast<double>(times.total()));
}

std::string MetricsText::take() {
  if (format_ == MetricsFormat::openmetrics) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace weather::gateway
