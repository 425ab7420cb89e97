"""Instruments that say lines, on a serial line and behind TCP, and datagrams: from the wire to a real Kafka."""

import json
import os
import select
import socket
import threading
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.serial import SerialLine

TOPIC = "topic_weather"
SOURCES = """
[[serial]]
name = "wxt"
device = "{line}"
baud = 19200
format = "vaisala-wxt"
poll = ["0R1\\r\\n", "0R2\\r\\n"]
interval = "300ms"
[[serial]]
name = "mast"
device = "tcp://127.0.0.1:{port}"
format = "mapping"
[[udp]]
name = "lan"
listen = "127.0.0.1:{udp}"
lines = true
[[mapping]]
name = "mast"
topics = ["#"]
payload = "sdi12"
id = "mast:{{/address}}"
field = [{{ path = "/1", quantity = "temperature", unit = "C" }}, {{ path = "/2", quantity = "humidity" }}]
"""


class Wxt(threading.Thread):
    """Answers what it is asked, until it is told to be silent."""

    def __init__(self, file):
        super().__init__(daemon=True)
        self.file, self.speaks, self.asked = file, True, 0

    def run(self):
        text = b""
        while True:
            select.select([self.file], [], [])
            text += os.read(self.file, 100)
            while b"\n" in text:
                command, text = text.split(b"\n", 1)
                self.asked += 1
                if self.speaks:
                    answer = {b"0R1\r": b"0R1,Dm=236D,Sm=1.2M,Sx=000#", b"0R2\r": b"0R2,Ta=21.4C,Ua=38.2P,Pa=1012.3H"}[command]
                    os.write(self.file, answer + b"\r\n")


class Instruments(unittest.TestCase):
    def setUp(self):
        self.kafka = Kafka().start()
        self.addCleanup(self.kafka.stop)
        self.kafka.create_topic(TOPIC)
        line = SerialLine("wxt")
        self.wxt = Wxt(os.open(line.far, os.O_RDWR | os.O_NOCTTY))
        self.wxt.start()
        self.addCleanup(setattr, self.wxt, "speaks", False)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.server.close)
        self.udp = suite.free_port()
        self.gateway = Gateway(None, self.kafka.bootstrap, TOPIC, extra=SOURCES.format(
            line=line.near, port=self.server.getsockname()[1], udp=self.udp))
        text = self.gateway.config.read_text()
        self.gateway.config.write_text(text[:text.index("[[mqtt]]")] + text[text.index("[kafka]"):])
        self.addCleanup(self.gateway.kill9)
        self.gateway.start(wait=False)
        self.gateway.answers()

    def arrived(self, key, more=lambda value: True):
        def look():
            found = [json.loads(r.value) for r in self.kafka.records(TOPIC) if r.key == key]
            return next(filter(more, found), None)
        return suite.wait_for(look, lambda: f"{key} is in Kafka: {self.gateway.process.output()[-1500:]}", every=0.3)

    def source(self, name):
        status = json.loads(run("status", "--json", "-c", self.gateway.config).stdout)
        return next(one for one in status["sources"] if one["name"] == name)

    def send(self, text):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), ("127.0.0.1", self.udp))

    def test_from_the_wire_to_kafka(self):
        wxt = next(key for key in (suite.wait_for(
            lambda: [r.key for r in self.kafka.records(TOPIC) if r.key.startswith("vaisala:")], "the WXT is in Kafka")))
        wind = self.arrived(wxt, lambda value: "wind_direction" in value)
        self.assertEqual((wind["wind_direction"], wind["wind_speed"], wind["wind_speed_max"]), (236, 1.2, None))
        self.assertEqual(self.arrived(wxt, lambda value: "pressure" in value)["pressure"], 1012.3)

        mast, _ = self.server.accept()
        mast.sendall(b"+1.2\r\n4+21.5+63\r\n")
        self.assertEqual(self.arrived("mast:4")["temperature"], 21.5)
        mast.close()
        again, _ = self.server.accept()  # it comes back by itself
        self.addCleanup(again.close)
        again.sendall(b"rest\r\n5-3.5+80\r\nno reading\r\n")
        self.assertEqual(self.arrived("mast:5")["temperature"], -3.5)
        letters = suite.wait_for(lambda: json.loads(run("dead-letters", "ls", "--json", "-c", self.gateway.config).stdout)["dead_letters"],
                                 "what is no line of SDI-12 is a dead letter")
        self.assertEqual([letter["reason"] for letter in letters], ["undecodable"])

        self.send('{"id":"a","temperature":1}\n{"id":"b","temperature":2}')
        self.assertEqual((self.arrived("a")["temperature"], self.arrived("b")["temperature"]), (1, 2))
        for name in ("wxt", "mast", "lan"):
            self.assertTrue(self.source(name)["up"], name)

        self.wxt.speaks = False
        suite.wait_for(lambda: not self.source("wxt")["up"], "an instrument that does not answer is not up")
        self.assertIn("does not answer", self.source("wxt")["reason"])
        self.assertRegex(self.gateway.get("/metrics"), r'weather_gateway_serial_unanswered(_total)?\{source="wxt"\} [1-9]')
        self.wxt.speaks = True
        suite.wait_for(lambda: self.source("wxt")["up"], "it is up again")

        # What was taken outlives the gateway; so do the sources.
        before = len([r for r in self.kafka.records(TOPIC) if r.key == wxt])
        self.gateway.kill9()
        self.gateway.start(wait=False)
        self.gateway.answers()
        self.send('{"id":"c","temperature":3}')
        self.arrived("c")
        suite.wait_for(lambda: len([r for r in self.kafka.records(TOPIC) if r.key == wxt]) > before, "and is read on")
        ids = [dict(r.headers)["ce_id"] for r in self.kafka.records(TOPIC) if r.key in ("a", "b", "c", "mast:4", "mast:5")]
        self.assertEqual(len(ids), len(set(ids)), "each came once")


if __name__ == "__main__":
    suite.main()
