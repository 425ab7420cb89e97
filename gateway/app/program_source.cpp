#include "gateway/app/program_source.hpp"

#include <utility>

#include <sysexits.h>

#include "gateway/config/files.hpp"
#include "gateway/output/say.hpp"
#include "sensors/sources/program.hpp"

namespace weather::gateway {
namespace {

class Program final : public Source {
 public:
  Program(boost::asio::io_context& io, sensors::ProgramOptions options, sensors::Sink& sink)
      : name_(options.name), source_(io, std::move(options), sink) {}

  void start() override { source_.start(); }
  std::future<void> stop() override {
    source_.stop();
    return {};
  }
  SourceStatus status() const override {
    const auto now = source_.status();
    const bool up = now.connections > 0;
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    return {name_,
            "program",
            up,
            up ? "" : "the program does not run",
            {},
            {{"weather_gateway_program_starts", "Times the program connected.", true, count(now.starts)},
             {"weather_gateway_program_deaf",
              "Times it said nothing for so long that a new start was asked for.", true, count(now.deaf)}}};
  }

 private:
  const std::string name_;
  sensors::ProgramSource source_;
};

}  // namespace

std::unique_ptr<Source> make_program(const Config& config, std::size_t index, sensors::Decoder decode,
                                     boost::asio::io_context& io, sensors::Sink& sink) {
  const auto& program = config.program[index];
  const auto folder = control_socket(config).parent_path();
  sensors::ProgramOptions options;
  options.name = program.name;
  options.socket = folder / "programs" / program.name;
  options.deaf = folder / "deaf" / program.name;
  options.deaf_after = program.deaf_after;
  options.decode = std::move(decode);
  options.say = [name = program.name](const std::string& text) { say(Level::warning, name + ": " + text); };
  try {
    return std::make_unique<Program>(io, std::move(options), sink);
  } catch (const std::exception& error) {
    throw StartError(EX_CONFIG, "program[" + std::to_string(index) + "]: " + error.what());
  }
}

}  // namespace weather::gateway
