"""docs/consumers.md: what stands there, run as it stands there, keeps each reading once out of a topic with repeats, killed as often
and whenever anybody likes."""

import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from harness import suite
from harness.connect import Connect
from harness.engines import Postgres, clickhouse, clickhouse_client, flink, flink_started
from harness.gateway import PROGRAM, Gateway, run
from harness.kafka import Kafka
from harness.publisher import reading
from harness.registry import confluent_python

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "consumers.md"
READINGS, REPLAYED, MORE, KILLS = 1000, 400, 500, 10


def recipe(engine, language="sql"):
    return re.search(rf"```{language} {engine}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL).group(1)


def setUpModule():
    global kafka, gateway, events, random
    random = suite.seeded_random()
    kafka = Kafka().start()
    kafka.create_topic("topic_weather", partitions=2)
    gateway = Gateway(None, kafka.bootstrap).start(wait=False)
    gateway.answers()
    lines = "".join(reading(f"roof-{number % 5}", number) + "\n" for number in range(READINGS))
    sent = run("send", "-c", gateway.config, "--file", "-", input=lines)
    assert sent.returncode == 0, sent.stderr
    kafka.wait_for_count("topic_weather", READINGS)
    again = run("replay", "-c", gateway.config, "--from", 1, "--to", REPLAYED + 1)
    assert again.returncode == 0, again.stderr
    kafka.wait_for_count("topic_weather", READINGS + REPLAYED)
    consumed = run("consume", "--config", gateway.folder / "client.properties", "--topic", "topic_weather", "--group", "recipes",
                   "--count", READINGS + REPLAYED, "--format", "json")
    assert consumed.returncode == 0, consumed.stderr
    events = consumed.stdout


class EachReadingOnce(unittest.TestCase):
    def test_there_are_repeats(self):
        self.assertEqual(len(events.splitlines()), READINGS + REPLAYED)

    def test_in_postgresql(self):
        postgres = Postgres()
        postgres.sql(recipe("postgresql"))
        postgres.sql(r"copy arrived from stdin with (format csv, quote e'\x01', delimiter e'\x02')", events)
        counted = postgres.sql("select count(*), count(distinct ce_id), sum((value->>'temperature')::numeric) from readings")
        self.assertEqual(counted.strip(), f"{READINGS}|{READINGS}|{sum(range(READINGS))}")
        self.assertEqual(postgres.sql("select count(*) from arrived").strip(), "0")

    def test_in_clickhouse(self):
        tables = [statement for statement in recipe("clickhouse").split(";") if statement.strip()]
        filled = "insert into arrived format JSONAsString\n" + events
        counted = clickhouse("create database weather", "use weather", *tables, filled,
                             "select count(), uniqExact(ce_id), sum(temperature) from readings final")
        self.assertEqual(counted.split(), [str(READINGS), str(READINGS), str(sum(range(READINGS)))])

    def test_in_flink_sql(self):
        script = flink_script()
        # It keeps nothing of its own: who is killed begins at the earliest again. Somewhere in its first seconds, ten times.
        for _ in range(KILLS):
            started = flink_started(script)
            time.sleep(random.uniform(1, 6))  # a kill anywhere in its first seconds
            started.kill()
            started.communicate()
        output = flink(script)
        last = [line for line in output.splitlines() if line.startswith(("| +I", "| +U"))][-1:]
        self.assertTrue(last, output)
        self.assertEqual([float(cell) for cell in last[0].strip("| ").split("|")[1:]],
                         [READINGS, READINGS, sum(range(READINGS))], output[-2000:])


def flink_script():
    tables = recipe("flink").replace("127.0.0.1:9092", kafka.bootstrap)
    # The document's tables have no end; a test needs one.
    bounded = tables.replace("'scan.startup.mode'", "'scan.bounded.mode' = 'latest-offset',\n    'scan.startup.mode'")
    return ("set 'sql-client.execution.result-mode' = 'tableau';\nset 'execution.runtime-mode' = 'streaming';\n"
            + bounded + "select count(*), count(distinct ce_id), sum(temperature) from readings;\n")


class Running:
    """A recipe in a folder of its own, with what it calls on its PATH; kill() takes it, its reader or all of it."""

    def __init__(self, command, folder, environment):
        self.command, self.folder = command, folder
        self.environment = {**os.environ, "PATH": f"{folder}:{PROGRAM.parent}:{os.environ['PATH']}", **environment}
        # A dead member keeps its partitions until its session ends.
        (folder / "client.properties").write_text(f"bootstrap.servers={kafka.bootstrap}\nsession.timeout.ms=6000\nheartbeat.interval.ms=1000\n")
        self.log = open(folder / "log", "ab")
        self.killed, self.child = [], None

    def start(self):
        if self.child is None or self.child.poll() is not None:
            self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *self.command], cwd=self.folder, env=self.environment,
                                          stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)

    def members(self, name=""):
        """Its processes whose program has this in its name."""
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rsplit(")", 1)[1].split()
                command = (stat.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if int(words[3]) == self.child.pid and words[0] != "Z" and name in command.split(" -", 1)[0]:
                found.append(int(stat.parent.name))
        return found

    def kill(self):
        victim = random.choice(["all", "weather-gateway", "psql", "clickhouse-client"])
        pids = self.members("" if victim == "all" else victim) or self.members()
        self.killed.append(victim)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def stop(self):
        if self.child is not None:
            for pid in self.members():
                os.kill(pid, signal.SIGKILL)
            self.child.wait()
        self.log.close()

    def be_killed_ten_times(self, count, wanted):
        """Then runs until `count()` is `wanted`."""
        for _ in range(KILLS):
            self.start()
            time.sleep(random.uniform(0.5, 9))  # a kill anywhere in its first seconds
            self.kill()
        self.start()
        suite.wait_for(lambda: self.start() or count() >= wanted, lambda: f"{wanted}: there are {count()}; killed {self.killed}; "
                       f"it said {(self.folder / 'log').read_text()[-2000:]}", seconds=90, every=1)


class KilledTenTimes(unittest.TestCase):
    """The commands of the document, all at once, while readings come."""

    def setUp(self):
        self.all = READINGS + MORE

    def test_each_keeps_every_reading_once(self):
        postgres = Postgres()
        postgres.sql(recipe("postgresql"))
        folders = {name: suite.folder(name) for name in ("postgresql", "clickhouse", "own")}
        client = clickhouse_client(folders["clickhouse"])
        house = lambda query: subprocess.run([client, "-q", query], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
        house(recipe("clickhouse"))
        own = folders["own"] / "own.py"
        own.write_text(recipe("own", "python").replace("127.0.0.1:9092", kafka.bootstrap))
        books = folders["own"] / "readings.db"

        def rows_of_own():
            with sqlite3.connect(books, timeout=10) as store:
                return store.execute("select count(*), count(distinct ce_id) from readings").fetchone()
        counts = {
            "postgresql": lambda: int(postgres.sql("select count(*) from readings")),
            "clickhouse": lambda: int(house("select count() from readings final")),
            "own": lambda: rows_of_own()[0] if books.exists() else 0,
        }
        runs = {name: Running(["sh", "-c", recipe(name, "sh")] if name != "own" else [confluent_python(), own], folder,
                              postgres.environment()) for name, folder in folders.items()}
        failed = []

        def ten_times(name, running):
            try:
                running.be_killed_ten_times(counts[name], self.all)
            except BaseException as error:  # pylint: disable=broad-except  # said below, in the test's own thread
                failed.append(f"{name}: {error}")
            finally:
                running.stop()
        threads = [threading.Thread(target=ten_times, args=one) for one in runs.items()]
        for thread in threads:
            thread.start()
        for number in range(READINGS, self.all, 50):
            gateway.send(range(number, number + 50))
            time.sleep(2)  # the pace of the readings
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        self.assertEqual({name: len(running.killed) for name, running in runs.items()}, dict.fromkeys(runs, KILLS))
        total = sum(range(self.all))
        self.assertEqual(postgres.sql("select count(*), count(distinct ce_id), sum((value->>'temperature')::numeric) from readings").strip(),
                         f"{self.all}|{self.all}|{total}")
        self.assertEqual(house("select count(), uniqExact(ce_id), sum(temperature) from readings final").split(),
                         [str(self.all), str(self.all), str(total)])
        self.assertEqual(rows_of_own(), (self.all, self.all))

    def test_kafka_connect(self):
        connect = Connect(kafka.bootstrap, {"text": ("topic_weather", "consumer.override.session.timeout.ms=6000\n"
                                                     "consumer.override.heartbeat.interval.ms=1000\n")})
        for _ in range(KILLS):
            connect.start()
            time.sleep(random.uniform(3, 9))  # a kill anywhere in its first seconds
            connect.process.kill9()
        connect.start()
        present = {record.value for record in kafka.records("topic_weather")}

        def missing():
            # It may have left a half line where it was killed.
            text = connect.output("text").read_text() if connect.output("text").exists() else ""
            return [value for value in present if value not in text]
        suite.wait_for(lambda: not missing(), lambda: f"missing: {missing()[:3]}", every=1)
        connect.process.kill9()


if __name__ == "__main__":
    suite.main()
