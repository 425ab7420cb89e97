"""A file that grows, is rotated and truncated, while the gateway that follows it is killed.

The promise: each line is in the topic once, by what it says, under one id, and in the order of the file.
"""

import datetime
import json
import os
import shutil
import subprocess
import threading
import time
import unittest

from harness import suite
from harness.gateway import Gateway
from harness.kafka import Kafka, headers

SOAK = os.environ.get("WEATHER_SUITE") == "soak"
KILLS = 200 if SOAK else 12
KEPT = 60  # rotated files; more than the writer makes while the gateway is away

SOURCE = '[[lines]]\npath = "{path}"\nformat = "json"\nname = "logger"\n'
TABLE = ('[[lines]]\npath = "{path}"\nformat = "csv"\nname = "logger"\n'
         'table = {{ id = "roof", delimiter = ";", decimal = ",", time_format = "%d.%m.%Y %H:%M:%S", zone = "+01:00" }}\n')


def setUpModule():
    global kafka
    kafka = Kafka().start()


class Writer(threading.Thread):
    """Appends numbered lines, often in two writes, and rotates its file as loggers and logrotate do."""

    def __init__(self, path, random):
        super().__init__()
        self.path, self.random, self.number = path, random, 0
        self.rotations = self.copies = self.compressed = 0
        self.ended = False  # not by a fault of its own
        self.stop = threading.Event()
        self.open()

    def open(self):
        self.file = open(self.path, "ab", buffering=0)

    def text(self):
        return json.dumps({"id": "roof", "temperature": self.number, "note": "x" * self.random.randrange(80)})

    def run(self):
        while not self.stop.is_set():
            for _ in range(self.random.randrange(1, 40)):
                self.line()
            chance = self.random.random()
            if chance < 0.01:
                self.rotate()
            elif chance < 0.02:
                self.copy_and_truncate()
            elif chance < 0.03:
                self.compress()
            time.sleep(self.random.uniform(0, 0.03))  # the pace of the writer
        self.ended = True

    def line(self):
        self.number += 1
        text = self.text().encode() + b"\n"
        cut = self.random.randrange(len(text)) if self.random.random() < 0.1 else len(text)
        self.file.write(text[:cut])
        if cut < len(text):
            time.sleep(0.002)  # half a line can be seen
            self.file.write(text[cut:])

    def shift(self):
        for age in range(KEPT, 0, -1):
            for ending in ("", ".gz"):
                if os.path.exists(f"{self.path}.{age}{ending}"):
                    os.rename(f"{self.path}.{age}{ending}", f"{self.path}.{age + 1}{ending}")

    def compress(self):
        old = f"{self.path}.{self.random.randrange(1, 3)}"
        if os.path.exists(old):
            self.compressed += 1
            subprocess.run(["gzip", old], check=True, timeout=60)

    def rotate(self):
        self.rotations += 1
        self.shift()
        os.rename(self.path, f"{self.path}.1")
        for _ in range(self.random.randrange(3)):
            self.line()  # the writer has not noticed yet
        self.file.close()
        self.open()

    def copy_and_truncate(self):
        self.copies += 1
        self.shift()
        shutil.copyfile(self.path, f"{self.path}.1")
        os.truncate(self.path, 0)
        self.begin()

    def begin(self):
        pass


class TableWriter(Writer):
    """The same as a table, of which each file begins with its heading."""

    def open(self):
        super().open()
        self.begin()

    def begin(self):
        self.file.write(b"Time;Temperature (\xc2\xb0C);note\n")

    def text(self):
        at = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=self.number)
        return f'{at:%d.%m.%Y %H:%M:%S};{self.number},5;"x;{"y" * self.random.randrange(80)}"'


def numbers(records):
    return [int(json.loads(record.value)["temperature"]) for record in records]  # a table's has a half more


class Files(unittest.TestCase):
    maxDiff = None

    def gateway(self, topic, path, source=SOURCE):
        kafka.create_topic(topic)
        return Gateway(None, kafka.bootstrap, topic, extra=source.format(path=path))

    def settled(self, gateway, path):
        """Until the file itself, not one that was rotated away, is read and everything is in Kafka."""
        def done():
            status = gateway.status()
            source = next(s for s in status["sources"] if s["name"] == "logger")
            log = status["log"]
            return (source["place"].endswith(f" of {path}, 0 behind its end")
                    and log["durable"] == log["appended"] and status["unsent"] == 0)
        suite.wait_for(done, lambda: f"all sent: {gateway.process.output()[-2000:]}")

    def once(self, topic, count):
        records = kafka.records(topic)
        ids = {}
        for record, number in zip(records, numbers(records)):
            ids.setdefault(number, set()).add(headers(record)["ce_id"])
        self.assertEqual(sorted(set(range(1, count + 1)) - set(ids)), [], "lines that are not in the topic")
        self.assertEqual({n: found for n, found in ids.items() if len(found) > 1}, {}, "lines with several ids")
        self.assertEqual(set(ids) - set(range(1, count + 1)), set())
        order = list(dict.fromkeys(numbers(records)))
        self.assertEqual(order, sorted(order), "the order of the file")
        return len(records) - len(ids)

    def test_killed_at_random_moments_each_line_arrives_once(self):
        self.killed_at_random_moments("files-killed", Writer, SOURCE, KILLS)

    def test_so_does_each_line_of_a_table(self):
        self.killed_at_random_moments("files-table", TableWriter, TABLE, KILLS // 2)
        first = kafka.records("files-table")[0]
        self.assertEqual(json.loads(first.value)["temperature"], 1.5)

    def killed_at_random_moments(self, topic, writing, source, kills):
        random = suite.seeded_random()
        path = suite.folder("logger") / "events.log"
        gateway = self.gateway(topic, path, source)
        writer = writing(path, random)
        gateway.start(wait=False)
        # What is rotated away before the very first start is not read.
        suite.wait_for(lambda: "from its beginning" in gateway.process.output(), gateway.process.output)
        writer.start()
        self.addCleanup(writer.join)
        self.addCleanup(writer.stop.set)
        for _ in range(kills):
            time.sleep(random.choice([random.uniform(0, 0.3), random.uniform(0, 2)]))  # a kill anywhere: in a start or later
            gateway.kill9()
            time.sleep(random.choice([0, random.uniform(0, 1)]))  # the writer goes on without a reader
            gateway.start(wait=False)
        time.sleep(1)  # the last start meets a writer that goes on
        writer.stop.set()
        writer.join()
        self.assertTrue(writer.ended)
        writer.line()  # the file itself has something to read, also if it was just made
        kafka.wait_for_count(topic, writer.number)
        gateway.answers()
        self.settled(gateway, path)
        repeats = self.once(topic, writer.number)
        print(f"{writer.number} lines, {writer.rotations} rotations, {writer.copies} copied and truncated, {writer.compressed} compressed, "
              f"{kills} kills; {repeats} records again under the same id", flush=True)
        self.assertEqual(gateway.terminate()[0], 0)
        # What was read is not read again, and costs nothing.
        before = gateway.verify_log().stdout
        gateway.start(wait=False)
        gateway.answers()
        self.settled(gateway, path)
        appended = gateway.status()["log"]["appended"]
        time.sleep(2.5)  # nothing may happen in this time
        self.assertEqual(gateway.status()["log"]["appended"], appended, "a quiet file")
        self.assertEqual(self.once(topic, writer.number), repeats, before)

    def test_so_does_each_line_of_several_files_that_a_pattern_names(self):
        """Two loggers at once, each with files of its own and a new one now and then, as daily files are."""
        random = suite.seeded_random()
        folder = suite.folder("several")
        gateway = self.gateway("files-several", folder / "*.log")
        writers = [Writer(folder / f"{name}.log", random) for name in ("east", "west")]
        for writer, first in zip(writers, (0, 1_000_000)):
            writer.number = first
        gateway.start(wait=False)
        suite.wait_for(lambda: "names 2 files" in gateway.process.output(), gateway.process.output)
        days = 0
        for writer in writers:
            writer.start()
            self.addCleanup(writer.join)
            self.addCleanup(writer.stop.set)
        for _ in range(KILLS // 2):
            time.sleep(random.uniform(0, 1.5))  # a kill anywhere: in a start or later
            days += 1
            with open(folder / f"day{days}x.log", "w", encoding="utf-8") as day:
                for n in range(20):
                    day.write(json.dumps({"id": "roof", "temperature": 2_000_000 + 20 * days + n, "note": "y" * 20}) + "\n")
            gateway.kill9()
            gateway.start(wait=False)
        for writer in writers:
            writer.stop.set()
            writer.join()
            self.assertTrue(writer.ended)
            writer.line()
        expected = {*range(1, writers[0].number + 1), *range(1_000_001, writers[1].number + 1),
                    *range(2_000_020, 2_000_020 + 20 * days)}
        kafka.wait_for_count("files-several", len(expected))
        suite.wait_for(lambda: expected <= set(numbers(kafka.records("files-several"))), gateway.process.output)
        records = kafka.records("files-several")
        ids = {}
        for record, number in zip(records, numbers(records)):
            ids.setdefault(number, set()).add(headers(record)["ce_id"])
        self.assertEqual(set(ids) ^ expected, set(), "lines missing, or not of these files")
        self.assertEqual({n: found for n, found in ids.items() if len(found) > 1}, {}, "lines with several ids")
        order = list(dict.fromkeys(numbers(records)))
        for million in (0, 1, 2):
            of_one = [n for n in order if n // 1_000_000 == million]
            self.assertEqual(of_one, sorted(of_one), "the order of a file")
        print(f"{len(expected)} lines of {2 + days} files, {KILLS // 2} kills", flush=True)
        self.assertEqual(gateway.terminate()[0], 0)

    def test_a_start_says_where_it_goes_on(self):
        path = suite.folder("logger") / "events.log"
        text = "".join(f'{{"id":"roof","temperature":{n}}}\n' for n in (1, 2))
        path.write_text(text)
        gateway = self.gateway("files-place", path).start(wait=False)
        gateway.answers()
        self.settled(gateway, path)
        gateway.terminate()
        with open(path, "a") as file:
            file.write('{"id":"roof","temperature":3}\n{"id":')
        gateway.start(wait=False)
        gateway.answers()
        kafka.wait_for_count("files-place", 3)
        self.once("files-place", 3)
        self.assertIn(f"logger: going on at byte {len(text)} of {path}", gateway.process.output())
        source = gateway.status()["sources"][0] if len(gateway.status()["sources"]) == 1 else next(
            s for s in gateway.status()["sources"] if s["name"] == "logger")
        self.assertEqual(source["place"], f"byte {len(text) + 30} of {path}, 6 behind its end")
        self.assertIn('weather_gateway_file_behind_bytes{source="logger"} 6', gateway.get("/metrics"))


if __name__ == "__main__":
    suite.main()
