#include <atomic>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include <lmdb.h>
#include <rocksdb/db.h>
#include <sqlite3.h>

#include "tests/bench/log/engine.hpp"
#include "tests/crash/random.hpp"

namespace weather::log::bench {

std::vector<std::byte> payload(std::uint64_t number) {
  std::vector<std::byte> bytes(record_bytes);
  test::Random random(number);
  for (std::size_t i = 0; i < record_bytes; i += 8) {
    const std::uint64_t word = random.next();
    std::memcpy(bytes.data() + i, &word, std::min<std::size_t>(8, record_bytes - i));
  }
  return bytes;
}

namespace {

std::string big_endian(std::uint64_t number) {
  std::string key(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(number >> (56 - 8 * i));
  return key;
}

class Sqlite : public Engine {
 public:
  explicit Sqlite(const std::filesystem::path& folder) {
    must(sqlite3_open((folder / "log.sqlite").c_str(), &db_));
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE log(sequence INTEGER PRIMARY KEY, payload BLOB)");
    must(sqlite3_prepare_v2(db_, "INSERT INTO log VALUES(?,?)", -1, &insert_, nullptr));
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() override {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  std::string name() const override { return "SQLite " SQLITE_VERSION " WAL, FULL"; }
  void commit(std::uint64_t count) override {
    const std::lock_guard lock(
        mutex_);  // one writer at a time is SQLite's rule; waiting here is the cheapest
    run("BEGIN");
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto bytes = payload(++number_);
      sqlite3_bind_int64(insert_, 1, static_cast<sqlite3_int64>(number_));
      sqlite3_bind_blob(insert_, 2, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
      if (sqlite3_step(insert_) != SQLITE_DONE) must(SQLITE_ERROR);
      sqlite3_reset(insert_);
    }
    run("COMMIT");
  }

 private:
  void must(int code) {
    if (code != SQLITE_OK) throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(db_));
  }
  void run(const char* sql) { must(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::mutex mutex_;
  std::uint64_t number_ = 0;
};

class RocksDb : public Engine {
 public:
  explicit RocksDb(const std::filesystem::path& folder) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    rocksdb::DB* db = nullptr;
    must(rocksdb::DB::Open(options, folder / "rocksdb", &db));
    db_.reset(db);
  }
  std::string name() const override { return "RocksDB sync"; }
  void commit(std::uint64_t count) override {
    rocksdb::WriteBatch batch;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto number = ++number_;
      const auto bytes = payload(number);
      must(batch.Put(big_endian(number), {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    must(db_->Write(options, &batch));
  }

 private:
  static void must(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error("RocksDB: " + status.ToString());
  }
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<std::uint64_t> number_ = 0;
};

class Lmdb : public Engine {
 public:
  explicit Lmdb(const std::filesystem::path& folder) {
    std::filesystem::create_directory(folder / "lmdb");
    must(mdb_env_create(&env_));
    must(mdb_env_set_mapsize(env_, std::size_t{2} << 30U));
    must(mdb_env_open(env_, (folder / "lmdb").c_str(), 0, 0600));
  }
  Lmdb(const Lmdb&) = delete;
  Lmdb& operator=(const Lmdb&) = delete;
  ~Lmdb() override { mdb_env_close(env_); }
  std::string name() const override { return "LMDB"; }
  void commit(std::uint64_t count) override {
    MDB_txn* transaction = nullptr;
    must(mdb_txn_begin(env_, nullptr, 0, &transaction));
    MDB_dbi table = 0;
    must(mdb_dbi_open(transaction, nullptr, 0, &table));
    for (std::uint64_t i = 0; i < count; ++i) {
      auto bytes = payload(++number_);
      std::string key = big_endian(number_);
      MDB_val mdb_key{key.size(), key.data()}, mdb_value{bytes.size(), bytes.data()};
      must(mdb_put(transaction, table, &mdb_key, &mdb_value, MDB_APPEND));
    }
    must(mdb_txn_commit(transaction));
  }

 private:
  static void must(int code) {
    if (code != 0) throw std::runtime_error(std::string("LMDB: ") + mdb_strerror(code));
  }
  MDB_env* env_ = nullptr;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Engine> sqlite_engine(const std::filesystem::path& folder) {
  return std::make_unique<Sqlite>(folder);
}
std::unique_ptr<Engine> rocksdb_engine(const std::filesystem::path& folder) {
  return std::make_unique<RocksDb>(folder);
}
std::unique_ptr<Engine> lmdb_engine(const std::filesystem::path& folder) {
  return std::make_unique<Lmdb>(folder);
}

}  // namespace weather::log::bench
