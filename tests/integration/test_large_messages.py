"""A broker that sends what no gateway has room for: nothing ends it, and what it can take still arrives.

Without the filter before Paho (sensors/sources/mqtt_filter.hpp) the kernel ends the gateway at each start."""

import json
import socket
import struct
import subprocess
import threading
import time
import unittest

from harness import mqtt_wire, suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.memory_limit import MemoryLimit
from harness.mosquitto import Mosquitto
from harness.publisher import connect, publish_one, reading

TOPIC = "topic_weather"
UNIT_MIB = 160  # systemd/weather-gateway.service: MemoryMax
PEAK_MIB = 96 + 32  # limits.memory and what may lie beside it
SOURCE = ('[[mqtt]]\nurl = "{url}"\ntopics = ["big/#"]\nqos = 1\nprotocol = "{protocol}"\nclient_id = "{name}"\n'
          'name = "{name}"\n')


def setUpModule():
    global kafka
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)


def start(gateway):
    limit = MemoryLimit(UNIT_MIB)
    gateway.start(wait=False)
    limit.take(gateway.process)


def arrived(key):
    return any(record.key == key for record in kafka.records(TOPIC))


def letters(gateway):
    return [one["error"] for one in json.loads(run("dead-letters", "ls", "-c", gateway.config, "--json").stdout)["dead_letters"]]


def retain(mosquitto, topic, mib):
    client = connect(mosquitto.port, "")
    client.loop_start()
    client.publish(topic, b"x" * (mib << 20), qos=1, retain=True).wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


def retain_text(mosquitto, topic, text):
    subprocess.run(["mosquitto_pub", "-p", str(mosquitto.port), "-q", "1", "-r", "-t", topic, "-m", text], check=True, timeout=30)


class Retained(unittest.TestCase):
    """60 and 150 MB on a real mosquitto, before the gateway's first start and at the next."""

    def check(self, protocol, counted):
        mosquitto = Mosquitto().start()
        for mib in (60, 150):
            retain(mosquitto, f"big/{mib}", mib)
        name = f"large-{protocol[0]}"
        retain_text(mosquitto, "big/z", reading(name, 1))
        gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC,
                          extra=SOURCE.format(url=mosquitto.url, name=name, protocol=protocol))
        for number in (1, 2):
            start(gateway)
            suite.wait_for(lambda: arrived(name) or not gateway.process.running(), "the small one arrives", seconds=90)
            self.assertTrue(gateway.process.running(), gateway.process.output()[-2000:])
            live = f"{name}-live-{number}"
            publish_one(mosquitto, "big/live", reading(live, 1))
            suite.wait_for(lambda: arrived(live), "what is published behind it arrives", seconds=60)
            self.assertLess(gateway.process.peak_resident_mib(), PEAK_MIB)
            if counted:
                suite.wait_for(lambda: {size for size in (60, 150) if any(str(size << 20) in text for text in letters(gateway))}
                               == {60, 150}, lambda: f"both are dead letters with their size: {letters(gateway)}", seconds=60)
            gateway.terminate()

    def test_with_3_1_1_they_are_counted_and_filed_with_their_size(self):
        self.check("3.1.1", counted=True)

    def test_with_5_the_broker_is_told_not_to_send_them(self):
        self.check("5", counted=False)


class HostileBroker:
    """Accepts, greets, subscribes, and then sends what it was told to, again at each connection."""

    def __init__(self, attack, version):
        self.attack, self.version = attack, version
        self.acknowledged = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            client, _ = self.listener.accept()
            try:
                self._talk(client)
            except OSError:
                pass
            client.close()

    def _receive(self, client):
        first = client.recv(1, socket.MSG_WAITALL)
        if not first:
            raise OSError("closed")
        length, shift = 0, 0
        while True:
            byte = client.recv(1, socket.MSG_WAITALL)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return first[0] >> 4, client.recv(length, socket.MSG_WAITALL) if length else b""

    def _talk(self, client):
        five = self.version == 5
        self._receive(client)
        client.sendall(mqtt_wire.packet(0x20, b"\0\0" + (b"\0" if five else b"")))
        _, body = self._receive(client)
        client.sendall(mqtt_wire.packet(0x90, body[:2] + (b"\0" if five else b"") + b"\1"))
        threading.Thread(target=self.attack, args=(client, five), daemon=True).start()
        while True:
            kind, body = self._receive(client)
            if kind == 4:
                self.acknowledged.append(struct.unpack(">H", body[:2])[0])
            elif kind == 12:
                client.sendall(mqtt_wire.packet(0xD0, b""))


def publication(topic, payload, number, five):
    name = topic.encode()
    return mqtt_wire.packet(0x32, struct.pack(">H", len(name)) + name + struct.pack(">H", number) + (b"\0" if five else b"") + payload)


class Hostile(unittest.TestCase):
    def run_against(self, attack, version):
        broker = HostileBroker(attack, version)
        gateway = Gateway(None, kafka.bootstrap, TOPIC, extra=SOURCE.format(
            url=broker.url, name=f"hostile-{id(attack)}-{version}", protocol="5" if version == 5 else "3.1.1"))
        start(gateway)
        gateway.answers()
        return broker, gateway

    def survives(self, gateway):
        self.assertTrue(gateway.process.running(), gateway.process.output()[-2000:])
        self.assertLess(gateway.process.peak_resident_mib(), PEAK_MIB)
        self.assertEqual(run("status", "-c", gateway.config, "--json").returncode, 0)

    def test_a_publish_of_250_mb_is_acknowledged_and_what_follows_arrives(self):
        for version in (4, 5):
            with self.subTest(version=version):
                key = f"behind-{version}"

                def attack(client, five, key=key):
                    try:
                        client.sendall(publication("big/x", b"y" * 250_000_000, 7, five))
                        client.sendall(publication("big/y", reading(key, 1).encode(), 8, five))
                    except OSError:
                        pass

                broker, gateway = self.run_against(attack, version)
                suite.wait_for(lambda: {7, 8} <= set(broker.acknowledged), "both are acknowledged", seconds=60)
                suite.wait_for(lambda: arrived(key), "the reading behind it arrives", seconds=60)
                self.assertTrue(any("250000000" in text for text in letters(gateway)), letters(gateway))
                self.survives(gateway)
                gateway.kill9()

    def test_endless_headers_subacks_and_properties_end_the_connection_alone(self):
        def suback(client, _):  # 100 MB of it
            client.sendall(b"\x90" + b"\x80\x80\x80\x32" + b"\0" * 100_000_000)

        def properties(client, _):  # a PUBLISH whose properties are 200 MB
            client.sendall(b"\x30" + b"\xFF\xFF\xFF\x5F" + b"\0\1t" + b"\xF0\xFF\xFF\x5F" + b"\x26" * 200_000_000)

        def announced(client, _):  # and then silence
            client.sendall(b"\x30" + b"\xFF\xFF\xFF\x7F" + b"\0\1t")

        for attack, version in ((suback, 4), (properties, 5), (announced, 4)):
            with self.subTest(attack=attack.__name__):
                def quietly(client, five, attack=attack):
                    try:
                        attack(client, five)
                    except OSError:
                        pass

                _, gateway = self.run_against(quietly, version)
                time.sleep(4)  # the connections stay open for so long
                self.survives(gateway)
                gateway.kill9()


if __name__ == "__main__":
    suite.main()
