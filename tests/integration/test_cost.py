"""What the gateway costs: nothing to speak of when idle, little at 2,000 readings a second."""

import os
import socket
import threading
import time
import unittest

from harness import suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

LOAD_SECONDS = 60 if os.environ.get("WEATHER_SUITE") == "soak" else 15
RATE = 2000


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    kafka.create_topic("cost", partitions=3)
    mosquitto = Mosquitto().start()


class Cost(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(mosquitto, kafka.bootstrap, "cost").start()
        self.addCleanup(self.gateway.terminate)

    def test_idle_is_below_half_a_percent_of_a_core_and_25_mib(self):
        time.sleep(3)  # what a start costs is over
        before = self.gateway.process.cpu_seconds()
        time.sleep(12)  # the time that is measured
        share = (self.gateway.process.cpu_seconds() - before) / 12
        resident, own = self.gateway.process.resident_mib(), self.gateway.process.own_mib()
        print(f"idle: {share:.2%} of a core, {resident:.1f} MiB resident, {own:.1f} MiB of it its own", flush=True)
        self.assertLess(share, 0.005)
        self.assertLess(own, 8)
        # Debian 13's librdkafka loads libcurl, and with it GnuTLS and Kerberos: pages of files, which the kernel may drop.
        self.assertLess(resident, 29 if self.gateway.process.loads("libcurl") else 25)

    def test_2000_readings_a_second_stay_below_40_mib(self):
        publisher = Publisher(mosquitto, sensors=50, in_flight=2000)
        cpu = self.gateway.process.cpu_seconds()
        publisher.publish_for(LOAD_SECONDS, RATE)
        publisher.wait_for_acknowledgements()
        publisher.close()
        kafka.wait_for_count("cost", LOAD_SECONDS * RATE)
        cpu = self.gateway.process.cpu_seconds() - cpu
        peak = self.gateway.process.peak_resident_mib()
        print(f"{RATE}/s: {peak:.1f} MiB at most, {cpu / LOAD_SECONDS:.1%} of a core", flush=True)
        self.assertLess(peak, 40)


class Viewers(unittest.TestCase):
    """Four open pages on a gateway with 200 sensors, a reading of each every ten seconds."""

    def setUp(self):
        self.gateway = Gateway(mosquitto, kafka.bootstrap, "cost", '[[simulator]]\nstations = 200\ninterval = "10s"\n').start()
        self.addCleanup(self.gateway.terminate)
        suite.wait_for(lambda: self.gateway.status()["sensors"] >= 199, "200 sensors")

    def share(self, seconds):
        before = self.gateway.process.cpu_seconds()
        time.sleep(seconds)  # the time that is measured
        return (self.gateway.process.cpu_seconds() - before) / seconds

    def watch(self, stop, heard):
        host, port = self.gateway.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as viewer:
            viewer.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            viewer.settimeout(5)
            while not stop.is_set():
                heard.append(viewer.recv(1 << 20).count(b"event: view"))

    def test_four_viewers_cost_less_than_a_percent_of_a_core(self):
        seconds = 20
        alone = self.share(seconds)
        stop, heard = threading.Event(), [[] for _ in range(4)]
        viewers = [threading.Thread(target=self.watch, args=(stop, one)) for one in heard]
        for viewer in viewers:
            viewer.start()
        suite.wait_for(lambda: all(map(sum, heard)), "each viewer has a view")
        watched = self.share(seconds)
        stop.set()
        for viewer in viewers:
            viewer.join()
        self.assertGreaterEqual(min(map(sum, heard)), seconds - 2)  # one view a second, to each
        print(f"200 sensors: {alone:.2%} of a core alone, {watched:.2%} with four viewers: {watched - alone:.2%} more", flush=True)
        self.assertLess(watched - alone, 0.02)  # the goal is 0.01; a machine that does more than this blurs it


if __name__ == "__main__":
    suite.main()
