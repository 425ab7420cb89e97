#!/usr/bin/python3
"""How long a request and its short answer take directly and through microsocks, without anything of ours between: what a proxy
costs that leaves Nagle's algorithm on, on loopback.

    tests/bench/proxy/round_trip.py
"""

import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "integration"))
from harness import suite  # noqa: E402

ANSWER = 50
ROUNDS = 50


def exactly(connection, size):
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data))
    return data


def answer(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        exactly(connection, struct.unpack("!I", exactly(connection, 4))[0])
        connection.sendall(bytes(ANSWER))


def serve(server):
    while True:
        threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()


def measure(connection, way):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for size in (5_000, 15_000, 40_000, 100_000):
        began = time.monotonic()
        for _ in range(ROUNDS):
            connection.sendall(struct.pack("!I", size) + bytes(size))
            exactly(connection, ANSWER)
        print(f"{way:10} {size:7,} bytes: {(time.monotonic() - began) / ROUNDS * 1000:5.1f} ms a round trip", flush=True)


def main():
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    measure(socket.create_connection(("127.0.0.1", port)), "directly")
    at = suite.free_port()
    proxy = subprocess.Popen(["microsocks", "-i", "127.0.0.1", "-p", str(at)], stderr=subprocess.DEVNULL)
    try:
        suite.wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", at)) == 0, "microsocks listens")
        through = socket.create_connection(("127.0.0.1", at))
        through.sendall(b"\5\1\0")
        exactly(through, 2)
        through.sendall(b"\5\1\0\1\x7f\0\0\1" + struct.pack("!H", port))
        exactly(through, 10)
        measure(through, "microsocks")
    finally:
        proxy.kill()
        proxy.wait()


if __name__ == "__main__":
    main()
