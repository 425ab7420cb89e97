#!/usr/bin/python3
"""How fast years of a logger's table come into the log: lines a second of `send --format csv`, best of three, each line durable.

    tests/bench/files/bench_send.py [LINES [PROGRAM...]]      default: 2,000,000 build/weather-gateway

More than one program: one after the other in each round, so that they have the same machine.
"""

import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CONFIG = '[gateway]\nid = "bench"\ndata_dir = "{data}"\n[log]\nmax_bytes = "4 GiB"\n[kafka]\ntopic = "t"\n[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n'
ROUNDS = 3


def write_table(path, lines):
    at = datetime.datetime(2016, 1, 1)
    with open(path, "w", encoding="ascii") as table:
        table.write("time,temperature,humidity,pressure,wind_speed\n")
        for i in range(lines):
            table.write(f"{at.isoformat()}Z,{10 + i % 170 / 10:.1f},{40 + i % 50},{1000 + i % 300 / 10:.1f},{i % 120 / 10:.1f}\n")
            at += datetime.timedelta(minutes=3)


def seconds_of(program, table, lines):
    with tempfile.TemporaryDirectory(prefix="weather-send-") as folder:
        config = Path(folder) / "c.toml"
        config.write_text(CONFIG.format(data=Path(folder) / "data"), encoding="ascii")
        began = time.monotonic()
        done = subprocess.run([program, "send", "-c", config, "--file", table, "--format", "csv", "--table", "id=roof", "--no-wait", "--json"],
                              check=True, capture_output=True, text=True)
        assert json.loads(done.stdout)["readings"] == lines, done.stdout
        return time.monotonic() - began


def main(lines="2000000", *programs):
    lines, programs = int(lines), programs or [ROOT / "build" / "weather-gateway"]
    with tempfile.TemporaryDirectory(prefix="weather-send-") as folder:
        table = Path(folder) / "table.csv"
        write_table(table, lines)
        took = {program: [] for program in programs}
        for _ in range(ROUNDS):
            for program in programs:
                took[program].append(seconds_of(program, table, lines))
    for program, seconds in took.items():
        print(json.dumps({"program": str(program), "lines": lines, "lines_per_second": round(lines / min(seconds)),
                          "load_average": os.getloadavg()[0]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
