#!/usr/bin/python3
"""What a proxy costs a backlog: the same readings drained into a real Kafka directly and through Debian's proxies, in turn.

    tests/bench/proxy/drain.py [RECORDS [ROUNDS]]      # after a build; as root, for the network namespace

Directly means from outside of the namespace, with the hosts file that the proxies have.
"""

import os
import pathlib
import statistics
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "integration"))
from harness import suite  # noqa: E402
from harness.gateway import Gateway, run  # noqa: E402
from harness.kafka import Kafka  # noqa: E402
from harness.publisher import reading  # noqa: E402
from harness.real_proxies import Island, Microsocks, Squid, Tinyproxy  # noqa: E402

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
NAME = "kafka.island.test"


def drained_per_second(kafka, port, backlog, topic, command, table):
    kafka.create_topic(topic, partitions=3)
    gateway = Gateway(None, f"{NAME}:{port}", topic, extra=table)
    gateway.process.command[:0] = command
    gateway.start(wait=False)
    gateway.answers()
    assert run("pause", "-c", gateway.config).returncode == 0
    sent = run("send", "-c", gateway.config, "--file", backlog, "--no-wait", timeout=600)
    assert sent.returncode == 0, sent.stderr
    cpu = gateway.process.cpu_seconds()
    began = time.monotonic()
    assert run("resume", "-c", gateway.config).returncode == 0
    suite.wait_for(lambda: gateway.route()["waiting"] == 0, gateway.route, seconds=300, every=0.05)
    seconds = time.monotonic() - began
    cpu = gateway.process.cpu_seconds() - cpu
    assert kafka.count(topic) == RECORDS
    gateway.terminate()
    kafka.delete_topic(topic)
    return RECORDS / seconds, cpu


def main():
    kafka = Kafka(KAFKA_PROXIED="1", KAFKA_ADVERTISED=NAME, KAFKA_JVM="-XX:+UseSerialGC").start()
    island = Island({NAME: "127.0.0.1"})
    backlog = suite.folder("backlog") / "backlog.ndjson"
    with open(backlog, "w", encoding="ascii") as lines:
        for number in range(RECORDS):
            lines.write(reading(f"sensor-{number % 50:02}", number) + "\n")
    outside = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(island.hosts)]
    ways = {"directly": (outside, "")}
    for proxy in (Microsocks(island).start(), Tinyproxy(island).start(), Squid(island).start()):
        ways[type(proxy).__name__.lower()] = (island.inside(), f'[kafka.proxy]\nurl = "{proxy.url}"\n')
    rates, costs = {way: [] for way in ways}, {way: [] for way in ways}
    port = int(kafka.bootstrap.rsplit(":", 1)[1]) + 4
    for turn in range(ROUNDS + 1):  # the first warms the broker
        for way, (command, table) in ways.items():
            rate, cpu = drained_per_second(kafka, port, backlog, f"{way}-{turn}", command, table)
            if turn > 0:
                rates[way].append(rate)
                costs[way].append(cpu * 1e6 / RECORDS)
    direct = statistics.median(rates["directly"])
    for way in ways:
        middle = statistics.median(rates[way])
        print(f"{way:10} {middle:8,.0f} records/s ({middle / direct:.2f} of directly; {min(rates[way]):,.0f} to {max(rates[way]):,.0f}), "
              f"{statistics.median(costs[way]):.1f} s of CPU a million in the gateway", flush=True)
    print(f"{ROUNDS} rounds of {RECORDS:,}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    try:
        main()
    finally:
        unittest.doModuleCleanups()
