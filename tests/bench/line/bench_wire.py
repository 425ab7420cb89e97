#!/usr/bin/python3
"""What a reading takes on the wire: the bytes of a topic's batches in a real Kafka, which are those the producer sent.

    cmake --preset release -DWEATHER_BENCH=ON
    cmake --build --preset release --target weather-gateway bare-producer
    tests/bench/line/bench_wire.py [READINGS]          default: 100,000

50 stations with temperature, humidity, pressure and wind that walk, as JSON with a time in milliseconds, stored while Kafka is
away and then drained by one route for each set of headers and format. `alone` are the same keys, values and times without any
header, by a bare librdkafka with the gateway's settings.
"""

import json
import os
import random
import socket
import subprocess
import sys
import unittest

from bench_line import BUILD, settled
from harness import mqtt_wire
from harness.kafka import Kafka
from harness.listener import ListeningGateway

ALL = '"content-type", "ce_specversion", "ce_source", "ce_subject", "ce_time", "ce_recordedtime", "ce_sourcetime", "ce_timequality"'
ROUTES = {
    "json": "",
    "json_omit": f"omit_headers = [{ALL}]\n",
    "protobuf": 'format = "protobuf"\n',
    "protobuf_omit": f'format = "protobuf"\nomit_headers = [{ALL}]\n',
}


def readings(count):
    dice = random.Random(1)
    stations = [[20.0, 50.0, 1013.0, 3.0] for _ in range(50)]
    for number in range(count):
        values = stations[number % 50]
        for i, step in enumerate((0.1, 0.5, 0.1, 0.3)):
            values[i] = max(0.0, values[i] + dice.uniform(-step, step))
        ms = 1_758_349_800_000 + number * 20 + dice.randrange(20)
        yield json.dumps({"id": f"station-{number % 50:02}", "temperature": round(values[0], 1), "humidity": round(values[1]),
                          "pressure": round(values[2], 1), "wind_speed": round(values[3], 1), "time": ms})


def publish(port, count, window=500):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(mqtt_wire.connect("wire"))
        answers = client.makefile("rb")
        answers.read(4)
        under_way = 0
        for number, reading in enumerate(readings(count)):
            client.sendall(mqtt_wire.publish("weather/roof", reading.encode(), number % 60_000 + 1))
            under_way += 1
            if under_way == window:
                answers.read(4 * window)
                under_way = 0
        answers.read(4 * under_way)


def stored_bytes(kafka, topic):
    return sum(file.stat().st_size for file in kafka.folder.glob(f"node-*/data/{topic}-*/*.log"))


def measure(compression, count):
    kafka = Kafka().start()
    topics = [f"{name}.{compression}" for name in ROUTES]
    for topic in [*topics, "others", f"alone.{compression}"]:
        kafka.create_topic(topic)
    kafka.stop()
    kafka_properties = f'properties = {{ "compression.codec" = "{compression}" }}\n'
    routes = "".join(f'[[route]]\nname = "{name}"\ntopic = "{topic}"\n{kafka_properties}{extra}'
                     for (name, extra), topic in zip(ROUTES.items(), topics))
    gateway = ListeningGateway(kafka, "others", f'topics = ["weather/#"]\n{routes}').start()
    publish(gateway.port, count)
    kafka.start()
    for topic in topics:
        settled(kafka, topic, count)
    gateway.terminate()
    subprocess.run([os.path.join(BUILD, "bare-producer"), kafka.bootstrap, f"alone.{compression}", str(gateway.data), str(count), "0",
                    f"compression.codec={compression}"], check=True, capture_output=True)
    alone = stored_bytes(kafka, f"alone.{compression}") / count
    result = {"compression": compression, "readings": count, "alone_bytes": round(alone, 1)}
    for name, topic in zip(ROUTES, topics):
        each = stored_bytes(kafka, topic) / count
        result[name] = {"bytes": round(each, 1), "of_alone": round(each / alone, 2)}
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    try:
        for kind in ("zstd", "lz4"):
            measure(kind, int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    finally:
        unittest.doModuleCleanups()
