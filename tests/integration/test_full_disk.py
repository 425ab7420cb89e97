"""The log is full, by its limit or because the disk is: what is dropped is named, counted and told, the rest arrives."""

import datetime
import json
import os
import re
import subprocess
import time
import types
import unittest

from harness import expect, suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

BROKER_WINDOW = 20  # what mosquitto has on its way to one client
SMALL_LOG = """\
[log]
segment_bytes = "64KiB"
max_bytes = "1MiB"
min_free_bytes = 0
on_full = "{policy}"
"""


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()


class Full(unittest.TestCase):
    def begin(self, extra, folder=None):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.start()
        kafka.create_topic(self.topic)
        kafka.stop()
        self.gateway = Gateway(mosquitto, kafka.bootstrap, self.topic, extra)
        text = self.gateway.config.read_text()
        # What the forwarder holds in RAM still arrives when the log has dropped it: here that is little.
        text = text.replace(f'topic = "{self.topic}"', f'topic = "{self.topic}"\nwindow_records = 50')
        if folder:
            text = text.replace(str(self.gateway.data), str(folder))
            self.gateway.data = folder
        self.gateway.config.write_text(text)
        self.addCleanup(self.gateway.kill9)
        # It looks after its log as often as it feeds systemd's watchdog.
        os.environ["WATCHDOG_USEC"] = "1000000"
        self.addCleanup(os.environ.pop, "WATCHDOG_USEC")
        self.gateway.start()
        self.publisher = Publisher(mosquitto)
        self.addCleanup(self.publisher.close)

    def publish(self, count):
        """Mosquitto takes them all and keeps what the gateway does not acknowledge."""
        self.publisher.publish(count)
        self.publisher.wait_for_acknowledgements()

    def status(self):
        done = run("status", "-c", self.gateway.config, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def said(self, *words):
        """The lines of the gateway's own log that have all of the words."""
        return [line for line in self.gateway.process.output().splitlines() if all(word in line for word in words)]

    def wait_until_said(self, *words):
        suite.wait_for(lambda: self.said(*words), lambda: f"{words}: {self.gateway.process.output()[-2000:]}")

    def taken(self):
        """Readings that the gateway stored or dropped since it was started."""
        return sum(source["readings"] + source["dropped_full"] for source in self.status()["sources"])

    def wait_until_sent(self):
        """Until the gateway has taken all that mosquitto has acknowledged, and nothing waits."""
        def sent():
            return self.taken() >= self.publisher.total_acknowledged() and self.status()["unsent"] == 0
        suite.wait_for(sent, lambda: f"all is sent: {self.status()}", 120, every=0.5)

    def audited(self):
        """The line of the one cursor, after the gateway was stopped."""
        self.assertEqual(self.gateway.terminate()[0], 0)
        done = run("audit", self.gateway.data, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        line, = json.loads(done.stdout)["cursors"]
        self.assertTrue(line["exact"], line)
        self.assertEqual(line["waiting"], 0)
        return line

    def settle(self):
        """Kafka comes back, new readings are taken, all that is left arrives; returns readings and losses in the topic."""
        kafka.start()
        self.wait_until_sent()
        self.publish(200)
        fresh = {sensor: numbers[-40:] for sensor, numbers in self.publisher.acknowledged.items()}
        self.wait_until_sent()
        records = kafka.records(self.topic)
        told = {headers(record)["ce_id"]: json.loads(record.value) for record in records
                if headers(record)["ce_type"].endswith(".loss.v1")}
        losses = list(told.values())
        readings = [record for record in records if not headers(record)["ce_type"].endswith(".loss.v1")]
        expect.everything_arrived(self, readings, fresh)
        expect.same_reading_same_id(self, readings)
        return readings, losses

    def test_drop_oldest(self):
        self.begin(SMALL_LOG.format(policy="drop_oldest"))
        self.publish(6000)
        self.wait_until_said("on_full = \"drop_oldest\" has begun to drop")
        dropped = self.status()["log"]["dropped_oldest"]
        self.assertGreater(dropped, 0)
        self.assertIn("dropped because it was full", run("status", "-c", self.gateway.config).stdout)
        readings, losses = self.settle()
        dropped = self.status()["log"]["dropped_oldest"]
        told = sum(loss["records"] for loss in losses)
        self.assertEqual({loss["reason"] for loss in losses}, {"dropped_oldest"})
        self.assertEqual(len(set(headers(record)["ce_id"] for record in readings)) + told,
                         self.publisher.total_acknowledged(), "a reading is neither in the topic nor told as dropped")
        self.assertLessEqual(told, dropped, "more is told than was dropped")
        self.wait_until_said("drops nothing")
        # What was dropped while on its way to Kafka and arrived is taken off again, after the line or before.
        self.assertGreaterEqual(int(re.search(r"at most (\d+) reading", self.said("drops nothing")[0]).group(1)), dropped)
        self.assertEqual(len(self.said("has begun to drop")), 1)
        self.assertEqual(self.audited()["dropped"], told)

    def test_block_drops_nothing(self):
        self.begin(SMALL_LOG.format(policy="block"))
        self.publish(6000)
        self.wait_until_said("not storing: no room is left for the log")
        self.assertEqual(run("status", "-c", self.gateway.config).stdout.count("Not storing"), 1)
        readings, losses = self.settle()
        self.assertEqual(losses, [])
        expect.everything_arrived(self, readings, self.publisher.acknowledged)
        self.wait_until_said("the log stores again")
        self.assertEqual(len(self.said("not storing: no room is left for the log")), 1)
        self.audited()

    def test_drop_newest_tells_what_it_acknowledged_and_dropped(self):
        listener = types.SimpleNamespace(port=suite.free_port())
        self.begin(SMALL_LOG.format(policy="drop_newest")
                   + f'[[listener]]\nlisten = "127.0.0.1:{listener.port}"\ntopics = ["weather/#"]\n')
        began = time.time()
        # mosquitto acknowledges to the first and is acknowledged to by the gateway; the second hears the gateway itself.
        direct = Publisher(listener, prefix="direct")
        self.addCleanup(direct.close)
        publishers = (self.publisher, direct)
        dropped = 0
        for count in (2500, 300):
            before = self.publisher.total_acknowledged()
            told = dropped
            for _ in range(20):  # until the log refuses: how much it takes before is its own affair
                self.publish(count)
                taken = self.publisher.total_acknowledged() - before
                suite.wait_for(lambda: self.taken() >= taken, lambda: f"{taken} taken: {self.status()}")
                direct.publish(count)
                direct.wait_for_acknowledgements()
                told = self.status()["log"]["dropped_newest"]
                if told > dropped:
                    break
            # Nobody else knows any more what it has just been told is counted.
            self.gateway.kill9()
            self.gateway.start()
            refused = self.status()["log"]["dropped_newest"]
            self.assertGreaterEqual(refused, told)
            self.assertGreater(refused, dropped)
            dropped = refused
        kafka.start()
        suite.wait_for(lambda: self.status()["log"]["writable"] and self.status()["unsent"] == 0,
                       lambda: f"there is room again: {self.status()}", 120, every=0.5)
        fresh = {}
        for publisher in publishers:
            publisher.publish(100)
            publisher.wait_for_acknowledgements()
            fresh.update({sensor: numbers[-20:] for sensor, numbers in publisher.acknowledged.items()})
        suite.wait_for(lambda: self.taken() >= 200 and self.status()["unsent"] == 0,
                       lambda: f"all is sent: {self.status()}", 120, every=0.5)
        records = kafka.records(self.topic)
        losses = {headers(record)["ce_id"]: json.loads(record.value) for record in records
                  if headers(record)["ce_type"].endswith(".loss.v1")}
        readings = [record for record in records if not headers(record)["ce_type"].endswith(".loss.v1")]
        expect.everything_arrived(self, readings, fresh)
        expect.same_reading_same_id(self, readings)
        for loss in losses.values():
            self.assertEqual(loss["reason"], "refused_newest")
            self.assertGreater(loss["bytes"], loss["records"] * 100)
            self.assertNotIn("first", loss, "what was never accepted has no sequence")
            times = [datetime.datetime.fromisoformat(loss[name].replace("Z", "+00:00")).timestamp()
                     for name in ("from", "to", "noticed")]
            self.assertEqual(sorted(times), times)
            self.assertTrue(began - 1 < times[0] and times[2] < time.time() + 1, (began, loss))
        told = sum(loss["records"] for loss in losses.values())
        self.assertEqual(told, dropped)
        # What was counted and not yet acknowledged when the gateway was killed comes again: twice a broker's window.
        accounted = len({headers(record)["ce_id"] for record in readings}) + told
        acknowledged = sum(publisher.total_acknowledged() for publisher in publishers)
        self.assertGreaterEqual(accounted, acknowledged, "a reading is neither in the topic nor told as dropped")
        self.assertLessEqual(accounted, acknowledged + 2 * BROKER_WINDOW, "readings were told twice")
        self.assertEqual(self.audited()["dropped"], 0)

    def test_the_disk_itself_is_full(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small file system")
        disk = suite.folder("small-disk")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=0755", "small", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(37 << 20))
        self.begin('[log]\nsegment_bytes = "64KiB"\nmax_bytes = "64MiB"\nmin_free_bytes = 0\non_full = "block"\n',
                   disk / "data")
        self.publish(6000)
        self.wait_until_said("not storing: no room is left for the log")
        ballast.unlink()
        self.wait_until_said("the log stores again")
        readings, losses = self.settle()
        self.assertEqual(losses, [])
        expect.everything_arrived(self, readings, self.publisher.acknowledged)
        self.assertEqual(len(self.said("the log stores again")), len(self.said("not storing: ")))
        self.audited()


if __name__ == "__main__":
    suite.main()
