#!/usr/bin/python3
"""What a reading costs as things grow: sensors, connections, routes, the backlog.

    cmake --preset release -DWEATHER_BENCH=ON && cmake --build --preset release --target weather-gateway mqtt-load
    tests/bench/line/bench_growth.py [FOLDER] [sensors connections routes backlog ...]

Each point is a gateway of its own: readings of 143 bytes through the listener into a real Kafka, the gateway's CPU seconds a million
of them (with `routes`, a million into each), and its peak memory. A point of `backlog` fills the log while Kafka is away, starts
again, and measures the start until the listener answers, the memory and the CPU seconds of the drain. Into FOLDER (docs/results by
default) go growth.json and growth.svg.
"""

import json
import os
import pathlib
import sys
import time
import unittest

import growth_plot
from bench_line import ROOT, load, settled
from harness.kafka import Kafka
from harness.listener import ListeningGateway

POINTS = {
    "sensors": [1, 10, 100, 1_000, 10_000, 100_000],
    "connections": [1, 10, 100, 1_000, 2_000],
    "routes": [1, 2, 5, 10, 20],
    "backlog": [0, 10_000, 100_000, 1_000_000, 5_000_000],
}
READINGS = 200_000
EXTRA = 'topics = ["weather/#"]\nmax_connections = 2100\n'


def cost(gateway, before, readings):
    return {"cpu_s_per_million": round((gateway.process.cpu_seconds() - before) * 1e6 / readings, 2),
            "peak_mib": round(gateway.process.peak_resident_mib(), 1)}


def flowing(kafka, topics, extra, **options):
    for topic in topics:
        kafka.create_topic(topic)
    gateway = ListeningGateway(kafka, topics[0], extra).start()
    try:
        before = gateway.process.cpu_seconds()
        load(gateway.port, READINGS, **options)
        for topic in topics:
            settled(kafka, topic, READINGS)
        return cost(gateway, before, READINGS * len(topics))
    finally:
        gateway.kill9()


def backlog(kafka, topic, readings):
    kafka.create_topic(topic)
    gateway = ListeningGateway(kafka, topic, EXTRA).start()
    try:
        if readings:
            kafka.stop()
            load(gateway.port, readings)
            gateway.kill9()
            kafka.start()
        else:
            gateway.terminate()
        began = time.monotonic()
        gateway.start()
        started = time.monotonic() - began
        before = gateway.process.cpu_seconds()
        settled(kafka, topic, readings)
        return {"start_s": round(started, 2), **cost(gateway, before, max(readings, 1))}
    finally:
        gateway.kill9()


def measure(kafka, curve, n):
    name = f"{curve}{n}"
    if curve == "sensors":
        return flowing(kafka, [name], EXTRA, sensors=n)
    if curve == "connections":
        return flowing(kafka, [name], EXTRA, connections=n, window=max(1, 1000 // n))
    if curve == "routes":
        topics = [f"{name}.{i}" for i in range(n)]
        more = "".join(f'[[route]]\nname = "r{i}"\ntopic = "{topics[i]}"\n' for i in range(n))
        return flowing(kafka, topics, EXTRA + (more if n > 1 else ""))
    return backlog(kafka, name, n)


def main(folder, curves):
    kafka = Kafka(KAFKA_JVM="-XX:+UseSerialGC").start()
    flowing(kafka, ["warm"], EXTRA)  # not counted: a JVM is slow until it has compiled what it does
    result = {}
    for curve in curves:
        result[curve] = []
        for n in POINTS[curve]:
            point = {"n": n, **measure(kafka, curve, n), "load_average": round(os.getloadavg()[0], 1)}
            result[curve].append(point)
            print(json.dumps({"curve": curve, **point}), flush=True)
    (folder / "growth.json").write_text("{" + ",\n".join(
        f'"{curve}": [\n' + ",\n".join(map(json.dumps, points)) + "]" for curve, points in result.items()) + "}\n")
    (folder / "growth.svg").write_text(growth_plot.svg(result))


if __name__ == "__main__":
    try:
        given = sys.argv[1:]
        where = pathlib.Path(given.pop(0)) if given and given[0] not in POINTS else pathlib.Path(ROOT) / "docs" / "results"
        main(where, given or list(POINTS))
    finally:
        unittest.doModuleCleanups()
