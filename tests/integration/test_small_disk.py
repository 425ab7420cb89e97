"""A partition that the log and the dead letters do not both fit in: what can never be delivered takes no room from
what can, neither while it comes, nor over a start, nor when somebody else fills the disk."""

import os
import socket
import struct
import subprocess
import threading
import unittest

from harness import expect, mqtt_wire, suite
from harness.kafka import Kafka
from harness.listener import ListeningGateway
from harness.publisher import Publisher

EXTRA = """\
topics = ["weather/#"]
[log]
segment_bytes = "1MiB"
max_bytes = "24MiB"
min_free_bytes = "4MiB"
on_full = "block"
[limits]
memory = "96MiB"
"""
DISK_MIB = 64
LETTERS, LETTER_BYTES = 1_600, 50_000


def setUpModule():
    global kafka
    kafka = Kafka().start()


class SmallDisk(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        self.gateway = ListeningGateway(kafka, self.topic, EXTRA)
        self.gateway.data.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0755", "small", self.gateway.data], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.gateway.data])
        self.addCleanup(self.gateway.kill9)
        self.gateway.start()
        self.publisher = Publisher(self.gateway)
        self.addCleanup(self.publisher.close)

    def flood(self):
        """What no decoder can read, as fast as it is acknowledged; it is kept raw, and Kafka cannot have it."""
        client = socket.create_connection(("127.0.0.1", self.gateway.port))
        client.settimeout(60)
        client.sendall(mqtt_wire.connect("flood"))
        answers = client.makefile("rb")
        answers.read(4)
        for number in range(1, LETTERS + 1):
            client.sendall(mqtt_wire.publish("weather/x", b"\xff%d" % number + os.urandom(LETTER_BYTES), number))
            self.assertEqual(struct.unpack(">H", answers.read(4)[2:]), (number,))
        client.close()

    def letters_bytes(self):
        return sum(file.stat().st_blocks * 512 for file in (self.gateway.data / "dead-letters").rglob("*") if file.is_file())

    def takes_readings(self, count):
        self.publisher.publish(count)
        self.publisher.wait_for_acknowledgements()
        # For a moment it may be full: the flood waits then, until the route has taken some.
        suite.wait_for(lambda: self.gateway.status()["log"]["writable"], lambda: self.gateway.status()["log"])

    def test_dead_letters_leave_the_log_its_room(self):
        flood = threading.Thread(target=self.flood)
        flood.start()
        while flood.is_alive():
            self.takes_readings(100)
        flood.join()
        suite.wait_for(lambda: self.gateway.route()["waiting"] == 0, lambda: f"all has a fate: {self.gateway.route()}", 60)
        letters = self.gateway.status()["dead_letters"]
        self.assertEqual(letters["open"] + letters["lost"], LETTERS, "each is kept or counted")
        self.assertGreater(letters["lost"], 0)
        self.assertLess(self.letters_bytes(), (DISK_MIB - 24 - 4 + 4) << 20, "what the log and min_free_bytes leave, and two segments")
        self.gateway.kill9()
        self.gateway.start()
        self.takes_readings(100)

        # Somebody else takes what is left; what the gateway holds already gives way at once, the log's room does not.
        held = self.letters_bytes()
        free = os.statvfs(self.gateway.data)
        with open(self.gateway.data / "of-somebody-else", "wb") as other:
            os.posix_fallocate(other.fileno(), 0, free.f_bavail * free.f_bsize - (2 << 20))
        suite.wait_for(lambda: self.letters_bytes() <= held - (6 << 20), lambda: f"{self.letters_bytes()} of {held} bytes", 20)
        kafka.stop()
        self.takes_readings(2_000)
        kafka.start()
        suite.wait_for(lambda: self.gateway.route()["waiting"] == 0, lambda: f"all is sent: {self.gateway.route()}", 60)
        self.assertNotIn("not storing", self.gateway.process.output())
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        expect.same_reading_same_id(self, records)


if __name__ == "__main__":
    suite.main()
