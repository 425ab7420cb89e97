"""The harness proves itself: what the other tests lean on does what it says."""

import socket
import subprocess
import time
import unittest

from harness import fair_clock, suite
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.proxy import Proxy
from harness.publisher import Publisher, publish_one


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka(proxied=True).start()
    mosquitto = Mosquitto().start()


def produce(bootstrap, topic, lines, *options):
    return subprocess.run(["kcat", "-b", bootstrap, "-P", "-t", topic, "-K", ":", *options], text=True,
                          input="".join(f"{line}\n" for line in lines), timeout=60).returncode


class RealKafka(unittest.TestCase):
    def test_returns_records_with_key_value_headers_and_offset(self):
        kafka.create_topic("records")
        self.assertEqual(produce(kafka.bootstrap, "records", ["a:1", "b:2"], "-H", "unit=metric"), 0)
        found = kafka.records("records")
        self.assertEqual([(r.offset, r.key, r.value, headers(r)) for r in found],
                         [(0, "a", "1", {"unit": "metric"}), (1, "b", "2", {"unit": "metric"})])
        self.assertLess(abs(found[0].timestamp_ms / 1000 - time.time()), 60)
        self.assertEqual(kafka.count("records"), 2)

    def test_keeps_records_through_kill9_and_restart(self):
        kafka.create_topic("kept", partitions=3)
        produce(kafka.bootstrap, "kept", [f"k{n}:{n}" for n in range(100)])
        kafka.kill9()
        kafka.start()
        self.assertEqual(sorted(int(r.value) for r in kafka.records("kept")), list(range(100)))

    def test_forgets_a_deleted_topic(self):
        kafka.create_topic("gone")
        kafka.delete_topic("gone")
        with self.assertRaisesRegex(RuntimeError, "DeleteTopics gone: Kafka error 3"):
            kafka.delete_topic("gone")

    def test_is_reached_through_its_proxy_only_while_that_lets_it(self):
        kafka.create_topic("proxied")
        self.assertEqual(produce(kafka.bootstrap_proxied, "proxied", ["k:1"]), 0)
        kafka.proxies[0].down()
        self.addCleanup(kafka.proxies[0].heal)
        self.assertNotEqual(produce(kafka.bootstrap_proxied, "proxied", ["k:2"], "-X", "message.timeout.ms=1000"), 0)
        self.assertEqual([r.value for r in kafka.records("proxied")], ["1"])


class RealMosquitto(unittest.TestCase):
    def test_keeps_what_it_acknowledged_for_an_absent_subscriber(self):
        subscribe = ["mosquitto_sub", "-p", str(mosquitto.port), "-i", "absent", "-c", "-q", "1", "-t", "weather/#"]
        subprocess.run([*subscribe, "-E"], check=True, timeout=30)
        publisher = Publisher(mosquitto)
        publisher.publish(500)
        publisher.wait_for_acknowledgements()
        publisher.close()
        mosquitto.restart()
        publish_one(mosquitto, "weather/sensor-001", "last")
        found = subprocess.run([*subscribe, "-C", "501"], capture_output=True, text=True, timeout=30).stdout.splitlines()
        self.assertEqual((len(found), found[-1]), (501, "last"))
        self.assertEqual(publisher.total_acknowledged(), 500)
        self.assertEqual(publisher.acknowledged["sensor-001"], list(range(100)))


class FairClock(unittest.TestCase):
    def test_counts_the_share_of_a_processor_that_is_left_and_never_stands_still(self):
        now, runnable = 0.0, 1
        clock = fair_clock.FairClock(lambda: now, lambda: runnable)
        counted = []
        for runnable in (1, fair_clock.CORES, 4 * fair_clock.CORES, 4 * fair_clock.CORES, 10**6, 10**6):
            now += 100
            counted.append(clock.seconds())
        self.assertEqual([round(later - earlier, 6) for earlier, later in zip([0.0, *counted], counted)], [100, 100, 25, 25, 5, 5])

    def test_falls_behind_the_wall_beside_more_work_than_processors(self):
        began, counted = time.monotonic(), fair_clock.seconds()
        busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(3 * fair_clock.CORES)]
        try:
            time.sleep(1.5)  # the time that is measured
        finally:
            for one in busy:
                one.kill()
                one.wait()
        self.assertLess(fair_clock.seconds() - counted, 0.7 * (time.monotonic() - began))


class BadLink(unittest.TestCase):
    def setUp(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        self.proxy = Proxy(self.server.getsockname()[1])
        self.addCleanup(self.proxy.down)
        self.client = socket.create_connection(("127.0.0.1", self.proxy.port))
        self.addCleanup(self.client.close)
        self.client.settimeout(10)
        self.far, _ = self.server.accept()
        self.addCleanup(self.far.close)
        self.far.settimeout(10)
        self.pass_both_ways()

    def pass_both_ways(self):
        self.client.sendall(b"there")
        self.assertEqual(self.far.recv(10), b"there")
        self.far.sendall(b"back")
        self.assertEqual(self.client.recv(10), b"back")

    def test_delays(self):
        self.proxy.delay(0.3)
        began = time.monotonic()
        self.client.sendall(b"x")
        self.far.recv(1)
        self.assertGreaterEqual(time.monotonic() - began, 0.3)

    def test_holds_back_until_it_is_healed(self):
        self.proxy.blackhole()
        self.client.sendall(b"x")
        self.far.settimeout(0.3)
        self.assertRaises(socket.timeout, self.far.recv, 1)
        self.far.settimeout(10)
        self.proxy.heal()
        self.assertEqual(self.far.recv(1), b"x")

    def test_resets_both_ends(self):
        self.proxy.reset()
        self.assertRaises(ConnectionResetError, self.client.recv, 1)
        self.assertRaises(ConnectionResetError, self.far.recv, 1)

    def test_half_open_swallows_what_the_client_sends(self):
        self.proxy.half_open()
        self.assertRaises(ConnectionResetError, self.far.recv, 1)
        for _ in range(3):
            self.client.sendall(b"x")
            time.sleep(0.05)  # three packets, not one
        self.client.settimeout(0.3)
        self.assertRaises(socket.timeout, self.client.recv, 1)
        again = socket.create_connection(("127.0.0.1", self.proxy.port))
        self.addCleanup(again.close)
        far_again, _ = self.server.accept()
        self.addCleanup(far_again.close)
        again.sendall(b"new")
        self.assertEqual(far_again.recv(10), b"new")

    def test_refuses_while_down_and_accepts_again(self):
        self.proxy.down()
        self.assertRaises(ConnectionRefusedError, socket.create_connection, ("127.0.0.1", self.proxy.port))
        self.proxy.up()
        socket.create_connection(("127.0.0.1", self.proxy.port)).close()


if __name__ == "__main__":
    suite.main()
