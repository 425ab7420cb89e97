#!/usr/bin/python3
"""Other ways to the same topic on the same machine, in one run: the gateway's listener, its Paho source behind mosquitto, and
rsyslog (omkafka, disk queue) and syslog-ng (disk-buffer) from Debian over TCP.

    cmake --preset release -DWEATHER_BENCH=ON
    cmake --build --preset release --target weather-gateway mqtt-load
    tests/bench/line/bench_peers.py [live|drain]

The same 143-byte JSON readings. `live`: Kafka is up all the time; from the first byte sent to the last record in the topic.
`drain`: they come in while Kafka is down and it comes back then; from the first record in the topic to the last. CPU and memory are those
of the program (and of mosquitto where it stands in front). `arrived` is how many the topic has when nothing has come for half a minute,
or after two minutes.

rsyslog and syslog-ng cannot be installed beside each other: their packages are unpacked into the cache folder.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import unittest

from bench_line import load
from harness import kafka_admin, suite
from harness.gateway import Gateway
from harness.kafka import Kafka
from harness.listener import ListeningGateway
from harness.mosquitto import Mosquitto
from harness.process import Process

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "weather-gateway-peers"
PACKAGES = ["rsyslog", "rsyslog-kafka", "libestr0", "libfastjson4", "syslog-ng-core", "syslog-ng-mod-rdkafka", "libivykis0",
            "libnet1", "libpcre3"]
RSYSLOG = """\
global(workDirectory="{folder}")
module(load="imptcp" threads="1")
module(load="omkafka")
template(name="raw" type="list") {{ property(name="rawmsg") }}
input(type="imptcp" address="127.0.0.1" port="{port}" ruleset="kafka")
ruleset(name="kafka" queue.type="Direct") {{
  action(type="omkafka" broker=["{bootstrap}"] topic="{topic}" template="raw" confParam=["acks=all", "linger.ms=100"]
         queue.type="Disk" queue.filename="queue" queue.maxDiskSpace="4g" queue.syncQueueFiles="{sync}"
         action.resumeRetryCount="-1")
}}
"""
SYSLOG_NG = """\
@version: 3.38
source s {{ network(ip("127.0.0.1") transport("tcp") port({port}) flags(no-parse) log-iw-size(10000)); }};
destination d {{
  kafka-c(bootstrap-servers("{bootstrap}") topic("{topic}") message("$MSG") config(acks("all") linger.ms("100"))
          disk-buffer(reliable(yes) disk-buf-size(2000000000) dir("{folder}")));
}};
log {{ source(s); destination(d); flags(flow-control); }};
"""


def unpack():
    """Debian's packages, without installing them; the folder to run them from."""
    root = CACHE / "root"
    if not root.exists():
        (CACHE / "debs").mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-q", "download", *PACKAGES], check=True, cwd=CACHE / "debs", stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        for package in (CACHE / "debs").glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, root], check=True)
    return root


def libraries(root):
    return ":".join(str(folder) for folder in
                    [*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu"), root / "usr/lib/syslog-ng",
                     *root.glob("usr/lib/syslog-ng/[0-9]*")])


class Peer:
    """One of the two loggers with a TCP port, a disk queue and Kafka behind it."""

    def __init__(self, bootstrap, topic):
        self.folder = suite.folder(self.name)
        self.port = suite.free_port()
        config = self.folder / "config"
        config.write_text(self.config.format(folder=self.folder, port=self.port, bootstrap=bootstrap, topic=topic,
                                             sync=self.sync))
        root = unpack()
        self.process = Process(["env", f"LD_LIBRARY_PATH={libraries(root)}", *self.command(root, config)], self.folder / "log")

    def start(self):
        self.process.start()
        suite.wait_for(lambda: suite.listens(self.port), lambda: f"{self.name} listens: {self.process.output()}")
        return self

    def load(self, records):
        lines = b"".join(b'{"id":"sensor-%03d","temperature":%.1f,"humidity":%d,"location":"Nairobi","sequence":%010d,'
                         b'"time":"2025-09-20T06:30:00.123Z"}\n' % (n % 50, 20 + n % 100 / 10, 40 + n % 50, 10**9 + n)
                         for n in range(records))
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(lines)

    def programs(self):
        return [self.process]


class Rsyslog(Peer):
    name, config, sync = "rsyslog", RSYSLOG, "off"

    def command(self, root, config):
        modules = next(root.glob("usr/lib/*-linux-gnu/rsyslog"))
        return [root / "usr/sbin/rsyslogd", "-n", "-f", config, "-i", self.folder / "pid", "-M", modules]


class RsyslogSynced(Rsyslog):
    name, sync = "rsyslog, syncQueueFiles", "on"


class SyslogNg(Peer):
    name, config, sync = "syslog-ng", SYSLOG_NG, ""

    def command(self, root, config):
        modules = next(root.glob("usr/lib/syslog-ng/[0-9]*"))
        return [root / "usr/sbin/syslog-ng", "-F", "--no-caps", "-f", config, "--module-path", modules, "-p", self.folder / "pid",
                "-c", self.folder / "ctl", "-R", self.folder / "persist"]


class Listener:
    name = "weather-gateway, its listener"

    def __init__(self, bootstrap, topic):
        self.gateway = ListeningGateway(type("Kafka", (), {"bootstrap": bootstrap}), topic)
        self.port, self.process = self.gateway.port, self.gateway.process

    def start(self):
        self.gateway.start()
        return self

    def load(self, records):
        load(self.port, records)

    def programs(self):
        return [self.process]


class Paho(Listener):
    name = "weather-gateway behind mosquitto"

    def __init__(self, bootstrap, topic):
        self.mosquitto = Mosquitto().start()
        self.gateway = Gateway(self.mosquitto, bootstrap, topic)
        self.port, self.process = self.mosquitto.port, self.gateway.process

    def programs(self):
        return [self.process, self.mosquitto.process]


def cpu_seconds(peer):
    return sum(program.cpu_seconds() for program in peer.programs())


def come_to_rest(kafka, topic, count):
    """Waits until the topic has that many records, nothing new for half a minute, or two minutes; how many it has, and since when."""
    arrived, since = 0, time.monotonic()
    deadline = since + 120
    while arrived < count and time.monotonic() < min(since + 30, deadline):
        now = kafka_admin.end_offset(kafka.bootstrap, topic)
        if now != arrived:
            arrived, since = now, time.monotonic()
        time.sleep(0.05)
    return arrived, since


def measured(kafka, kind, records, outage):
    topic = f"t{len(measured.topics)}"
    measured.topics.append(topic)
    kafka.create_topic(topic)
    peer = kind(kafka.bootstrap, topic).start()
    try:
        time.sleep(1)
        cpu = cpu_seconds(peer)
        began = time.monotonic()
        if outage:
            kafka.stop()
            peer.load(records)
            kafka.start()
            deadline = time.monotonic() + 90
            while kafka_admin.end_offset(kafka.bootstrap, topic) == 0 and time.monotonic() < deadline:
                time.sleep(0.05)
            began = time.monotonic()
        else:
            peer.load(records)
        arrived, ended = come_to_rest(kafka, topic, records)
        return {"per_second": round(arrived / max(ended - began, 0.05)), "arrived": arrived,
                "cpu_s_per_million": round((cpu_seconds(peer) - cpu) * 1e6 / records, 1),
                "peak_mib": [round(program.peak_resident_mib(), 1) for program in peer.programs()]}
    finally:
        for program in peer.programs():
            program.kill9()


measured.topics = []


def main(cases):
    kafka = Kafka(KAFKA_JVM="-XX:+UseSerialGC").start()
    for kind, records in ((Listener, 300_000), (Paho, 100_000), (Rsyslog, 300_000), (RsyslogSynced, 20_000), (SyslogNg, 300_000)):
        for case in cases or ("live", "drain"):
            print(json.dumps({"peer": kind.name, "records": records, "case": case,
                              **measured(kafka, kind, records, case == "drain"), "load_average": os.getloadavg()[0]}), flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    finally:
        unittest.doModuleCleanups()
