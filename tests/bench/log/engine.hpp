// What is compared: each engine appends groups of records and returns when they are durable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace weather::log::bench {

constexpr std::size_t record_bytes = 180;

class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string name() const = 0;
  // Appends `count` records of record_bytes and makes them durable. From any thread. Throws
  // std::runtime_error.
  virtual void commit(std::uint64_t count) = 0;
};

std::unique_ptr<Engine> own_engine(const std::filesystem::path& folder);
std::unique_ptr<Engine> sqlite_engine(const std::filesystem::path& folder);   // WAL, synchronous=FULL
std::unique_ptr<Engine> rocksdb_engine(const std::filesystem::path& folder);  // WriteOptions::sync
std::unique_ptr<Engine> lmdb_engine(const std::filesystem::path& folder);

// pwrite of what the records take, in blocks of 4 KiB that were written before, and fdatasync: no log at all.
std::unique_ptr<Engine> bare_engine(const std::filesystem::path& folder);

using Maker = std::unique_ptr<Engine> (*)(const std::filesystem::path&);

// Noise that does not compress, the same for every engine.
std::vector<std::byte> payload(std::uint64_t number);

}  // namespace weather::log::bench
