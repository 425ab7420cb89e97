#!/usr/bin/python3
"""An outage with a backlog: how fast it drains into a real Kafka, at what cost, beside a bare librdkafka producer.

    cmake --preset release -DWEATHER_BENCH=ON
    cmake --build --preset release --target weather-gateway mqtt-load bare-producer
    tests/bench/line/bench_drain.py [RECORDS]          default: 2,000,000

The backlog of 143-byte JSON readings comes in through the listener while Kafka is down. The bare producer has the gateway's
settings, its bound on what is in flight, and its records, encoded beforehand: `bare` with all headers, `bare_two_headers` with two.
`share` compares the streams, from the first record in Kafka to the last; `share_from_outside` the whole programs, from their start to
the last record, with the bare producer of two headers.
"""

import json
import os
import subprocess
import sys
import time
import unittest

from bench_line import BUILD, load, settled
from harness import kafka_admin
from harness.kafka import Kafka
from harness.listener import ListeningGateway


def bare(kafka, data, records, headers=99):
    kafka.create_topic("bare")
    began = time.monotonic()
    done = subprocess.run([os.path.join(BUILD, "bare-producer"), kafka.bootstrap, "bare", str(data),
                           str(records), str(headers)], check=True, capture_output=True, text=True)
    return {**json.loads(done.stdout), "from_outside": round(records / (time.monotonic() - began))}


def first_offset_seen(kafka, topic):
    while kafka_admin.end_offset(kafka.bootstrap, topic) == 0:
        time.sleep(0.02)
    return time.monotonic()


def drained(kafka, gateway, records):
    started = time.monotonic()
    gateway.process.start()
    began = first_offset_seen(kafka, "drained")
    cpu = gateway.process.cpu_seconds()
    ended = settled(kafka, "drained", records)
    seconds = ended - began
    cpu = gateway.process.cpu_seconds() - cpu
    return {"records": records, "per_second": round(records / seconds), "cpu_s_per_million": round(cpu * 1e6 / records, 2),
            "from_outside": round(records / (ended - started)), "until_the_first_s": round(began - started, 2),
            "peak_mib": round(gateway.process.peak_resident_mib(), 1)}


def main(records):
    kafka = Kafka(KAFKA_JVM="-XX:+UseSerialGC").start()
    kafka.create_topic("drained")
    kafka.stop()
    gateway = ListeningGateway(kafka, "drained").start()
    load(gateway.port, records)
    gateway.terminate()
    kafka.start()
    bare(kafka, gateway.data, records // 4)  # not counted: a JVM is slow until it has compiled what it does
    before = bare(kafka, gateway.data, records)
    two = bare(kafka, gateway.data, records, 2)
    drain = drained(kafka, gateway, records)
    gateway.terminate()
    print(json.dumps({"bare": before, "bare_two_headers": two, "gateway": drain, "load_average": os.getloadavg()[0],
                      "share": round(drain["per_second"] / before["per_second"], 2),
                      "share_from_outside": round(drain["from_outside"] / two["from_outside"], 2)}), flush=True)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)
    finally:
        unittest.doModuleCleanups()
