#!/usr/bin/python3
"""The whole line beside a real Kafka: what a message costs from a publisher to the topic, on one machine.

    cmake --preset release -DWEATHER_BENCH=ON && cmake --build --preset release --target weather-gateway mqtt-load bare-fdatasync bare-group-commit
    tests/bench/line/bench_line.py [window1000 window20 connections rate away ...]

Each case: 143-byte JSON readings, QoS 1, fdatasync before every PUBACK, Kafka and the publisher on the same cores. `to_kafka`
ends when the last record is in the topic. CPU is the gateway's alone, over the whole case. `bare` is the least a listener can do
(bare_group_commit.cpp) under the same arrivals, straight after: at a rate both count from the moment a message was due. At a rate it is measured once more
as `beside`: while a bare producer gives the same Kafka the same records at that rate, which is what else the cores have to do in the gateway's case. `away`
is what the gateway takes without a Kafka.
"""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))

from harness import kafka_admin, suite  # noqa: E402
from harness.kafka import Kafka  # noqa: E402
from harness.listener import ListeningGateway  # noqa: E402

BUILD = os.environ.get("WEATHER_BUILD", os.path.join(ROOT, "build"))

CASES = {
    "window1000": ["--window", "1000", "--messages", "1000000"],
    "window20": ["--window", "20", "--messages", "400000"],
    "connections": ["--connections", "1000", "--window", "1", "--messages", "500000"],
    "rate": ["--window", "1000", "--rate", "2000", "--messages", "40000"],
    "away": ["--window", "1000", "--rate", "2000", "--messages", "40000"],  # Kafka stands still meanwhile
}


def bare_fdatasync(folder):
    """p50 and p99, in microseconds, of one block overwritten and flushed: what no acknowledgement can be quicker than. Spread over
    17 s, after the others, for it would be in their way."""
    done = subprocess.run([os.path.join(BUILD, "bare-fdatasync"), str(folder), "120"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def settled(kafka, topic, count):
    """Waits until the topic has that many records; returns when it had them."""
    while True:
        with contextlib.suppress(RuntimeError):  # a broker that stood still leads nothing for a moment
            if kafka_admin.end_offset(kafka.bootstrap, topic) >= count:
                return time.monotonic()
        time.sleep(0.05)


def listening(kafka, topic):
    return ListeningGateway(kafka, topic, extra='topics = ["weather/#"]\nmax_connections = 2000').start()


def load(port, messages, **options):
    """So many messages, as fast as they are acknowledged, by mqtt-load with these options."""
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    subprocess.run([os.path.join(BUILD, "mqtt-load"), "--port", str(port), "--messages", str(messages), *arguments], check=True,
                   capture_output=True)


def publisher(port, case):
    return subprocess.Popen([os.path.join(BUILD, "mqtt-load"), "--port", str(port), *CASES[case]],
                            stdout=subprocess.PIPE, text=True)


def bare_group_commit(case):
    port = suite.free_port()
    # Of mqtt-load: a header of 3 bytes, the topic and its length, an id, and 129 bytes of JSON.
    with subprocess.Popen([os.path.join(BUILD, "bare-group-commit"), str(port), str(suite.folder("bare") / "file"),
                           str(3 + 2 + len("weather/load") + 2 + 129)], stdout=subprocess.PIPE, text=True) as server:
        suite.wait_for(lambda: suite.listens(port), "the bare listener")
        with publisher(port, case) as publishing:
            result = json.loads(publishing.stdout.read())
        return {f"bare_{name}": value for name, value in result.items() if name.startswith("puback")} | json.loads(server.stdout.read())


def beside_kafka(kafka, case, topic, data):
    """The bare listener while a bare producer keeps the same Kafka as busy as the gateway's records did."""
    options = dict(zip(CASES[case][::2], CASES[case][1::2]))
    with subprocess.Popen([os.path.join(BUILD, "bare-producer"), kafka.bootstrap, topic, str(data), str(2 * int(options["--messages"])),
                           "99", f"records_per_s={options['--rate']}"]) as producing:
        try:
            time.sleep(1)
            result = bare_group_commit(case)
            if producing.poll() is not None:
                raise RuntimeError("bare-producer ended before the bare listener did: what it was measured beside is not known")
        finally:
            producing.kill()
    return {name.replace("bare_", "beside_"): value for name, value in result.items()}


def one(kafka, name):
    topic = f"{name}{next(one.number)}"
    kafka.create_topic(topic, partitions=1)
    gateway = listening(kafka, topic)
    try:
        time.sleep(1)
        if name == "away":
            kafka.pause()
        cpu = gateway.process.cpu_seconds()
        began = time.monotonic()
        with publisher(gateway.port, name) as publishing:
            result = json.loads(publishing.stdout.read())
        if name == "away":
            kafka.resume()
        seconds = settled(kafka, topic, result["messages"]) - began
        cpu = gateway.process.cpu_seconds() - cpu
        peak_mib = gateway.process.peak_resident_mib()
        bare = bare_group_commit(name)
        if "--rate" in CASES[name]:
            if name != "away":
                gateway.terminate()
                bare |= beside_kafka(kafka, name, topic, gateway.data)
            bare["bare_fdatasync_us"] = bare_fdatasync(suite.folder("fdatasync"))
        return {"case": name, **result, **bare, "to_kafka_per_second": round(result["messages"] / seconds),
                "cpu_s_per_million": round(cpu * 1e6 / result["messages"], 2),
                "peak_mib": round(peak_mib, 1), "load_average": os.getloadavg()[0]}
    finally:
        gateway.kill9()


one.number = itertools.count()


def main(names):
    kafka = Kafka(KAFKA_JVM="-XX:+UseSerialGC").start()
    names = names or list(CASES)
    # Not counted: a JVM is slow, and takes the processor, until it has compiled what it does.
    for name in ["window1000", *["rate"] * (2 if "rate" in names else 0)]:
        one(kafka, name)
    for name in names:
        print(json.dumps(one(kafka, name)), flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    finally:
        unittest.doModuleCleanups()
