"""A real Kafka, driven by kafka-broker/kafka.sh, and its records as kcat reads them."""

import collections
import contextlib
import json
import os
import pathlib
import re
import subprocess
import unittest

from harness import kafka_admin, suite
from harness.proxy import Proxy

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "kafka-broker" / "kafka.sh"

# headers: list of (name, value), for a name may come twice.
Record = collections.namedtuple("Record", "partition offset key value timestamp_ms headers")


class Kafka:
    """One cluster. It survives stop and kill9 with its data and ports; start brings it back.

    proxied: `proxies` has one for each node, and `bootstrap_proxied` leads clients through them.
    """

    def __init__(self, nodes=1, proxied=False, **environment):
        self.folder = suite.folder("kafka")
        self.environment = {**os.environ, "KAFKA_DIR": str(self.folder), "KAFKA_NODES": str(nodes),
                            "KAFKA_PROXIED": "1" if proxied else "", **environment}
        self._proxied = proxied
        self.proxies = []
        self._guard()
        unittest.addModuleCleanup(self.close)

    def _guard(self):
        """The brokers are nobody's children. A process that waits for the end of the test program ends them."""
        ours, guards = os.pipe()
        script = f'cat >/dev/null; [ ! -f "$KAFKA_DIR/cluster" ] || "{SCRIPT}" kill9'
        # Twice away from us, so that whoever kills our process tree does not find it.
        subprocess.run(["sh", "-c", f"exec 3<&0; setsid sh -c '{script}' <&3 >/dev/null 2>&1 &"], stdin=ours, check=True,
                       env=self.environment)
        os.close(ours)
        self._alive = guards  # closed by the kernel when we are gone

    def close(self):
        if (self.folder / "cluster").exists():
            self.kill9()

    def run(self, *arguments):
        done = subprocess.run([SCRIPT, *map(str, arguments)], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"kafka.sh {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout.strip()

    def start(self, *node):
        self.run("start", *node)
        self.run("wait-ready", 120)
        self.bootstrap = self.run("bootstrap")
        if self._proxied and not self.proxies:
            self.bootstrap_proxied = self.run("bootstrap", "proxied")
            ports = [int(address.rsplit(":", 1)[1]) for address in self.bootstrap_proxied.split(",")]
            self.proxies = [Proxy(port - 1, port) for port in ports]
        return self

    def stop(self, *node):
        self.run("stop", *node)

    def kill9(self, *node):
        self.run("kill9", *node)

    def pause(self, *node):
        self.run("pause", *node)

    def resume(self, *node):
        self.run("resume", *node)

    def create_topic(self, name, partitions=1, **config):
        """Keeps event times of any age unless told otherwise."""
        config.setdefault("retention_ms", -1)
        kafka_admin.create_topic(self.bootstrap, name, partitions, **config)

    def alter_topic(self, name, **config):
        kafka_admin.alter_topic(self.bootstrap, name, **config)

    def limit_client(self, client_id, bytes_per_second):
        kafka_admin.limit_client(self.bootstrap, client_id, bytes_per_second)

    def allow_write(self, user, topic):
        kafka_admin.allow(self.bootstrap, user, topic, kafka_admin.WRITE)

    def forbid_write(self, user, topic):
        kafka_admin.forbid(self.bootstrap, user, topic, kafka_admin.WRITE)

    def allow_transactions(self, user, identity):
        """As exactly-once needs them, and the topic of the cursors."""
        kafka_admin.allow(self.bootstrap, user, identity, kafka_admin.WRITE, kafka_admin.TRANSACTIONAL_ID)
        kafka_admin.allow(self.bootstrap, user, "weather-gateway-cursor", kafka_admin.READ, kafka_admin.GROUP)
        self.create_topic("weather-gateway-cursors", cleanup_policy="compact")
        self.allow_write(user, "weather-gateway-cursors")
        self.allow_read(user, "weather-gateway-cursors")

    def allow_read(self, user, topic):
        kafka_admin.allow(self.bootstrap, user, topic, kafka_admin.READ)

    def delete_topic(self, name):
        kafka_admin.delete_topic(self.bootstrap, name)

    def records(self, topic, isolation="read_uncommitted"):
        """All records of `topic`, by partition and offset."""
        done = subprocess.run(
            ["kcat", "-b", self.bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J",
             "-X", f"isolation.level={isolation}", "-X", "check.crcs=true"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"kcat: {done.stderr.decode(errors='replace')}")
        found = []
        for line in done.stdout.splitlines():
            record = json.loads(line)
            flat = record.get("headers", [])
            found.append(Record(record["partition"], record["offset"], record["key"], record["payload"], record["ts"],
                                list(zip(flat[::2], flat[1::2]))))
        return sorted(found)

    def count(self, topic):
        """Records in `topic`, without reading them: the sum over partitions of end minus beginning."""
        return sum(self._offset(topic, p, -1) - self._offset(topic, p, -2)
                   for p in range(len(self._partitions(topic))))

    def wait_for_count(self, topic, count, seconds=suite.WAIT_SECONDS):
        seen = 0

        def arrived():
            nonlocal seen
            with contextlib.suppress(subprocess.SubprocessError):
                seen = self.count(topic)
            return seen >= count
        suite.wait_for(arrived, lambda: f"{count} records in {topic}; there are {seen}", seconds, every=0.3)

    def leader(self, topic, partition=0):
        """The node that leads a partition."""
        return self._partitions(topic)[partition]["leader"]

    def leader_as_seen_by(self, node, topic, partition=0):
        """The same, asked of one node, while others may hang."""
        address = self.bootstrap.split(",")[node - 1]
        return self._partitions(topic, address)[partition]["leader"]

    def in_sync(self, topic):
        """The smallest number of in-sync replicas of any partition."""
        return min(len(partition["isrs"]) for partition in self._partitions(topic))

    def controller(self):
        """The node that is the active controller."""
        status = self.run("tool", "org.apache.kafka.tools.MetadataQuorumCommand", "--bootstrap-server", self.bootstrap,
                          "describe", "--status")
        return int(re.search(r"LeaderId:\s+(\d+)", status).group(1))

    def _partitions(self, topic, address=None):
        listed = json.loads(subprocess.run(["kcat", "-b", address or self.bootstrap, "-L", "-J", "-t", topic],
                                           capture_output=True, check=True, timeout=60).stdout)
        return sorted(listed["topics"][0]["partitions"], key=lambda partition: partition["partition"])

    def _offset(self, topic, partition, at):
        asked = subprocess.run(["kcat", "-b", self.bootstrap, "-Q", "-t", f"{topic}:{partition}:{at}"],
                               capture_output=True, text=True, check=True, timeout=60).stdout
        found = re.search(r"offset (-?\d+)$", asked.strip())
        if not found:
            raise subprocess.SubprocessError(f"no offset of {topic}: {asked}")  # a leader is just being elected
        return int(found.group(1))


def headers(record):
    """The headers of a record as a dict; AssertionError if a name comes twice."""
    found = dict(record.headers)
    assert len(found) == len(record.headers), f"a header twice: {record.headers}"
    return found
