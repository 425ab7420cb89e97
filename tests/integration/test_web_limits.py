"""What the page's port bears: slow, oversized and foreign requests, and a crowd. Readings keep flowing meanwhile."""

import contextlib
import os
import resource
import socket
import subprocess
import threading
import time
import unittest

from harness import expect, suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

TOPIC = "web_limits"
PER_ADDRESS = 48  # HttpLimits.connections_per_address


def setUpModule():
    global gateway, kafka, mosquitto
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, most), most))
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()
    gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC).start()


def connect():
    host, port = gateway.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), 10)


def ask(request):
    """The answer's first line; empty when the connection is closed without one."""
    with connect() as connection:
        connection.settimeout(20)
        with contextlib.suppress(OSError):
            connection.sendall(request)
        answer = b""
        with contextlib.suppress(OSError):
            while chunk := connection.recv(65536):
                answer += chunk
        return answer.split(b"\r\n", 1)[0].decode()


def get(head="", path="/api/v1/status", host="localhost"):
    return ask(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}\r\n".encode())


def is_closed(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Limits(unittest.TestCase):
    """Around every test readings come in at a steady pace; each is acknowledged within a second and reaches Kafka."""

    def setUp(self):
        self.publisher = Publisher(mosquitto, prefix=self.id().rsplit(".", 1)[1][:24])
        self.stop = threading.Event()
        self.slowest = 0
        self.thread = threading.Thread(target=self.publish)
        self.thread.start()

    def publish(self):
        while not self.stop.is_set():
            began = time.monotonic()
            self.publisher.publish(20)
            self.publisher.wait_for_acknowledgements()
            self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(0.1)

    def tearDown(self):
        self.stop.set()
        self.thread.join()
        self.publisher.close()
        wanted = {key: numbers for key, numbers in self.publisher.acknowledged.items()}
        self.assertGreater(sum(map(len, wanted.values())), 0)
        mine = lambda: [record for record in kafka.records(TOPIC) if record.key in wanted]
        suite.wait_for(lambda: len(mine()) >= self.publisher.total_acknowledged(), "the readings in Kafka")
        expect.everything_arrived(self, mine(), wanted)
        print(f"slowest acknowledgement of 20: {self.slowest * 1000:.0f} ms", flush=True)
        self.assertLess(self.slowest, 5)
        self.assertEqual(get(), "HTTP/1.1 200 OK")

    def test_foreign_names_and_pages_are_refused(self):
        for host in ("evil.example", "127.0.0.1.evil.example", "", "10.0.0.1"):
            self.assertEqual(get(host=host), "HTTP/1.1 403 Forbidden", host)
        for origin in ("http://evil.example", "null", "http://localhost:1"):
            self.assertEqual(get(f"Origin: {origin}\r\n"), "HTTP/1.1 403 Forbidden", origin)
        self.assertEqual(get("Origin: http://localhost\r\n"), "HTTP/1.1 200 OK")
        self.assertEqual(ask(b"POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                         "HTTP/1.1 403 Forbidden")

    def test_heads_and_bodies_beyond_the_limits_are_refused(self):
        self.assertEqual(get("X: " + "x" * 20000 + "\r\n"), "HTTP/1.1 431 Request Header Fields Too Large")
        self.assertEqual(get("".join(f"X-{n}: 1\r\n" for n in range(2000))), "HTTP/1.1 431 Request Header Fields Too Large")
        self.assertEqual(ask(b"POST /api/v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n"),
                         "HTTP/1.1 413 Payload Too Large")
        self.assertEqual(ask(b"POST /api/v1/status HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                             + b"40000\r\n" + b"x" * 0x40000 + b"\r\n" + b"40000\r\n" + b"x" * 0x40000 + b"\r\n0\r\n\r\n"),
                         "HTTP/1.1 413 Payload Too Large")
        self.assertEqual(ask(os.urandom(1000) + b"\r\n\r\n"), "HTTP/1.1 400 Bad Request")

    def test_slow_senders_are_cut_off_within_15_seconds(self):
        slow = [connect() for _ in range(PER_ADDRESS - 8)]
        began = time.monotonic()
        head = b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nX: "
        for connection in slow:
            connection.sendall(head)
        while not all(map(is_closed, slow)):
            self.assertLess(time.monotonic() - began, 15)
            for connection in slow:  # a byte now and then keeps nobody in
                with contextlib.suppress(OSError):
                    connection.send(b"x")
            self.assertEqual(get(), "HTTP/1.1 200 OK")  # meanwhile others are served
            time.sleep(0.5)

    def test_a_thousand_connections_leave_room_for_the_control_socket_and_go_without_a_trace(self):
        before = gateway.process.resident_mib()
        crowd = []
        for _ in range(1000):
            with contextlib.suppress(OSError):
                crowd.append(connect())
        suite.wait_for(lambda: sum(not is_closed(connection) for connection in crowd) <= PER_ADDRESS, "the crowd is sent away")
        self.assertEqual(run("status", "-c", gateway.config, "--json").returncode, 0)
        for connection in crowd:
            connection.close()
        suite.wait_for(lambda: get() == "HTTP/1.1 200 OK", "there is room again")
        self.assertLess(gateway.process.resident_mib() - before, 10)
        self.assertLess(len(os.listdir(f"/proc/{gateway.process.child.pid}/fd")), 100)

    def test_only_eight_may_watch_and_a_ninth_is_told_so(self):
        live = b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n"
        watching = [connect() for _ in range(8)]
        for connection in watching:
            connection.sendall(live)
            connection.settimeout(10)
            self.assertTrue(connection.recv(64).startswith(b"HTTP/1.1 200"))
        self.assertEqual(ask(live), "HTTP/1.1 503 Service Unavailable")
        # One that does not read is let go, and makes room.
        for connection in watching:
            connection.close()
        suite.wait_for(lambda: self.watch_once(live), "there is room again")

    def watch_once(self, live):
        with connect() as connection:
            connection.settimeout(10)
            connection.sendall(live)
            return connection.recv(64).startswith(b"HTTP/1.1 200")


class Exposure(unittest.TestCase):
    def test_the_page_is_not_offered_elsewhere_without_a_password_and_tls(self):
        folder = suite.folder("exposed")
        for listen in ("0.0.0.0:0", "[::]:0", "192.0.2.1:8680"):
            (folder / "weather-gateway.toml").write_text(
                f'[gateway]\ndata_dir = "{folder}/data"\n[web]\nlisten = "{listen}"\n'
                '[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
            done = run("run", "-c", folder / "weather-gateway.toml")
            self.assertEqual(done.returncode, 78, listen)
            self.assertIn("reachable by others", done.stderr)

    def test_nobody_else_can_reach_it(self):
        port = int(gateway.url.rsplit(":", 1)[1])
        listening = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout
        self.assertEqual([line.split()[3] for line in listening.splitlines()], [f"127.0.0.1:{port}"])


SECRETS = ("hunter2-kafka", "hunter2-key", "hunter2-mqtt")


class Secrets(unittest.TestCase):
    def test_are_in_no_log_page_answer_or_bundle(self):
        folder = suite.folder("secrets")
        (folder / "password").write_text(SECRETS[2] + "\n")
        (folder / "password").chmod(0o600)
        gateway = Gateway(None, "127.0.0.1:1", extra=f"""
[[mqtt]]
url = "mqtt://127.0.0.1:{mosquitto.port}"
topics = ["weather/#"]
username = "station"
password_file = "{folder}/password"
""", properties={"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": "pi", "sasl.password": SECRETS[0],
                 "ssl.key.password": SECRETS[1]})
        gateway.config.chmod(0o600)
        gateway.process.command.append("-v")
        gateway.start(wait=False)
        suite.wait_for(lambda: self.answers(gateway), lambda: gateway.process.output())
        gateway.process.signal(1)  # says what changed
        spoken = [gateway.process.output(), *(gateway.get(path) for path in (
            "/", "/live.json", "/metrics", "/api/v1/status", "/api/v1/sensors"))]
        for command in (["config", "show", "-c"], ["config", "show", "--all", "-c"], ["check", "-c"], ["status", "--json", "-c"],
                        ["status", "-c"], ["sensors", "-c"]):
            done = run(*command, gateway.config)
            spoken.append(done.stdout + done.stderr)
        self.assertIn("sasl.password", "".join(spoken))
        code, _ = gateway.terminate()
        self.assertEqual(code, 0)
        spoken.append(gateway.process.output())
        for file in gateway.data.rglob("*"):
            if file.is_file():
                spoken.append(file.read_bytes().decode(errors="replace"))
        for secret in SECRETS:
            self.assertFalse([text for text in spoken if secret in text], secret)

    @staticmethod
    def answers(gateway):
        with contextlib.suppress(OSError):
            return gateway.get("/healthz")


if __name__ == "__main__":
    suite.main()
