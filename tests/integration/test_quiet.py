"""What clients have left behind makes the gateway write nothing of its own accord: QoS 2 exchanges that are never completed.

A log that grows by what is said of held identifiers fills by itself, and then drops readings that were acknowledged."""

import socket
import struct
import unittest

from harness import quiet, suite
from harness.hostile import connect, publish
from harness.kafka import Kafka
from harness.listener import ListeningGateway

HELD = 20_000
WINDOW = 1_000  # below receive_maximum


def setUpModule():
    global kafka
    kafka = Kafka().start()


class Publisher:
    """A client of MQTT 3.1.1 with a session that is kept; it takes each PUBREC and never sends PUBREL."""

    def __init__(self, port, client_id):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(60)
        self.socket.sendall(connect(client_id))
        assert self.receive(4)[3] == 0

    def receive(self, count):
        data = b""
        while len(data) < count:
            chunk = self.socket.recv(count - len(data))
            assert chunk, "closed by the gateway"
            data += chunk
        return data

    def publish(self, first, count):
        """Returns the identifiers of its PUBRECs."""
        for number in range(first, first + count):
            body = b'{"id":"held","temperature":%d,"humidity":1,"location":"x","time":"2025-09-20T06:30:00Z"}' % number
            self.socket.sendall(publish("weather/held", body, number, 2))
        answers = self.receive(4 * count)
        return [struct.unpack(">H", answers[at + 2:at + 4])[0] for at in range(0, len(answers), 4) if answers[at] == 0x50]


class UnreleasedIdentifiers(unittest.TestCase):
    """17,000 of them in all sessions together once made the log grow by 500,000 records a second."""

    def test_the_log_does_not_grow_and_drops_nothing_also_after_kill_9(self):
        kafka.create_topic("held")
        gateway = ListeningGateway(kafka, "held", 'topics = ["weather/#"]\n[log]\nmax_bytes = "64MiB"\nsegment_bytes = "4MiB"').start()
        sent, clients = 0, []
        # As many in one session as the listener lets it have, so several of them.
        while sent < HELD:
            client = Publisher(gateway.port, f"never-releases-{len(clients)}")
            clients.append(client)
            self.addCleanup(client.socket.close)
            for first in range(1, 4_001, WINDOW):
                self.assertEqual(client.publish(first, WINDOW), list(range(first, first + WINDOW)))
                sent += WINDOW
        self.check(gateway, sent)
        for again in (1, 2):
            gateway.kill9()
            gateway.start()
            gateway.answers()
            with self.subTest(again=again):
                self.check(gateway, sent)
        kafka.wait_for_count("held", sent, seconds=120)
        self.assertEqual(gateway.terminate()[0], 0)
        self.assertEqual(gateway.verify_log().returncode, 0)

    def check(self, gateway, sent):
        quiet.check(gateway)
        log = gateway.status()["log"]
        self.assertEqual(log["dropped_oldest"], 0)
        self.assertEqual(log["appended"], sent, "bookkeeping counts as no reading")

    def test_one_session_is_held_to_its_share_and_goes_on(self):
        """The oldest are given up once they are old enough, so the client is slowed down and never stopped."""
        kafka.create_topic("share")
        gateway = ListeningGateway(kafka, "share").start()
        client = Publisher(gateway.port, "one")
        self.addCleanup(client.socket.close)
        for first in range(1, 5_001, WINDOW):
            self.assertEqual(len(client.publish(first, WINDOW)), WINDOW)
        quiet.check(gateway)
        kafka.wait_for_count("share", 5_000, seconds=60)


if __name__ == "__main__":
    suite.main()
