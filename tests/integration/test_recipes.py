"""docs/consumers.md: its SQL, run as it stands there, keeps each reading once out of a topic with repeats."""

import pathlib
import re
import unittest

from harness import suite
from harness.engines import Postgres, clickhouse, flink
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.publisher import reading

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "consumers.md"
READINGS, REPLAYED = 1000, 400


def recipe(engine):
    return re.search(rf"```sql {engine}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL).group(1)


def setUpModule():
    global kafka, events
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
        tables = recipe("flink").replace("127.0.0.1:9092", kafka.bootstrap)
        # The document's tables have no end; a test needs one.
        bounded = tables.replace("'scan.startup.mode'", "'scan.bounded.mode' = 'latest-offset',\n    'scan.startup.mode'")
        output = flink("set 'sql-client.execution.result-mode' = 'tableau';\nset 'execution.runtime-mode' = 'streaming';\n"
                       + bounded + "select count(*), count(distinct ce_id), sum(temperature) from readings;\n")
        last = [line for line in output.splitlines() if line.startswith(("| +I", "| +U"))][-1:]
        self.assertTrue(last, output)
        self.assertEqual([float(cell) for cell in last[0].strip("| ").split("|")[1:]],
                         [READINGS, READINGS, sum(range(READINGS))], output[-2000:])


if __name__ == "__main__":
    suite.main()
