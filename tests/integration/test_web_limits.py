"""What the page's port bears: slow, oversized and foreign requests, and a crowd. Readings keep flowing meanwhile."""

import base64
import contextlib
import hashlib
import os
import resource
import socket
import subprocess
import threading
import time
import unittest

from harness import expect, fair_clock, quiet, suite
from harness.gateway import Gateway, bundled, run
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
    quiet.at_the_end(gateway)


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
            began = fair_clock.seconds()
            self.publisher.publish(20)
            self.publisher.wait_for_acknowledgements()
            self.slowest = max(self.slowest, fair_clock.seconds() - began)
            time.sleep(0.1)  # the pace of the station

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
        began = fair_clock.seconds()
        head = b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nX: "
        for connection in slow:
            connection.sendall(head)
        while not all(map(is_closed, slow)):
            self.assertLess(fair_clock.seconds() - began, 15)
            for connection in slow:  # a byte now and then keeps nobody in
                with contextlib.suppress(OSError):
                    connection.send(b"x")
            self.assertEqual(get(), "HTTP/1.1 200 OK")  # meanwhile others are served
            time.sleep(0.5)  # a byte each half second, as slow clients do

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
        tls, users = f'cert_file = "{folder}/c"\nkey_file = "{folder}/k"\n', f'users_file = "{folder}/u"\n'
        names = 'hosts = ["pi.test"]\n'
        for name in "cku":  # a file that is not there yet would be waited for
            (folder / name).write_text("neither a certificate nor users\n")
        for listen, more, why in (("0.0.0.0:0", "", "give cert_file and key_file"), ("[::]:0", tls + names, "give users_file"),
                                  ("192.0.2.1:8680", users, "give cert_file and key_file"),
                                  ("0.0.0.0:0", tls + users, "must name what browsers call this machine"),
                                  ("0.0.0.0:0", tls + users + names, "web.cert_file " + str(folder / "c"))):
            (folder / "weather-gateway.toml").write_text(
                f'[gateway]\ndata_dir = "{folder}/data"\n[web]\nlisten = "{listen}"\n{more}'
                '[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
            done = run("run", "-c", folder / "weather-gateway.toml")
            self.assertEqual(done.returncode, 78, listen + more)
            self.assertIn(why, done.stderr)

    def test_nobody_else_can_reach_it(self):
        port = int(gateway.url.rsplit(":", 1)[1])
        listening = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True, check=True).stdout
        self.assertEqual([line.split()[3] for line in listening.splitlines()], [f"127.0.0.1:{port}"])


class Secrets(unittest.TestCase):
    """A gateway that uses every kind of secret there is, and speaks as much as it can."""

    def setUp(self):
        self.folder = folder = suite.folder("secrets")
        self.secrets = {}

        def file(name, text):
            (folder / name).write_text(text + "\n")
            (folder / name).chmod(0o600)
            return folder / name

        def secret(kind):
            self.secrets[kind] = f"hunter2-{kind}-never-shown"
            return self.secrets[kind]

        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=gateway",
                        "-keyout", folder / "server.key", "-out", folder / "server.pem"], check=True, capture_output=True)
        (folder / "server.key").chmod(0o600)
        self.secrets["key file"] = (folder / "server.key").read_text().splitlines()[7]
        hashed = subprocess.run(["openssl", "passwd", "-6", secret("page")], check=True, capture_output=True, text=True).stdout.strip()
        self.secrets["hash"] = hashed.rsplit("$", 1)[1]
        token = secret("token")
        self.secrets["digest"] = hashlib.sha256(token.encode()).hexdigest()
        self.login = base64.b64encode(f"pi:{self.secrets['page']}".encode()).decode()
        self.secrets["login"] = self.login
        self.ports = {name: suite.free_port() for name in ("http", "https", "listener")}
        self.environment = {**os.environ, "KAFKA_SECRET": secret("environment")}
        self.gateway = Gateway(None, kafka.bootstrap, TOPIC, extra=f"""
users_file = "{file('users', 'pi:' + hashed)}"
[[route]]
name = "kafka"
[[route]]
name = "framed"
topic = "framed"
format = "confluent-protobuf"
properties = {{ "sasl.password" = "{secret('route')}" }}
[schema_registry]
url = "http://127.0.0.1:1"
username = "pi"
password_file = "{file('registry', secret('registry'))}"
[[mqtt]]
url = "mqtt://127.0.0.1:{mosquitto.port}"
topics = ["weather/#"]
username = "station"
password_file = "{file('mqtt', secret('mqtt'))}"
[[listener]]
listen = "127.0.0.1:{self.ports['listener']}"
cert_file = "{folder}/server.pem"
key_file = "{folder}/server.key"
users_file = "{folder}/users"
[[http]]
listen = "127.0.0.1:{self.ports['http']}"
tokens_file = "{file('tokens', self.secrets['digest'])}"
[[http]]
name = "https"
listen = "127.0.0.1:{self.ports['https']}"
cert_file = "{folder}/server.pem"
key_file = "{folder}/server.key"
""", properties={"sasl.password": "${KAFKA_SECRET}", "ssl.keystore.password": secret("keystore")})
        java = self.gateway.folder / "client.properties"
        java.write_text(java.read_text() + f"ssl.key.password={secret('java')}\n")
        self.gateway.config.chmod(0o600)
        self.gateway.process.command = ["env", f"KAFKA_SECRET={self.secrets['environment']}", *self.gateway.process.command, "-v"]
        self.addCleanup(self.gateway.kill9)
        self.gateway.start(wait=False)
        suite.wait_for(self.answers, lambda: self.gateway.process.output())

    def answers(self):
        assert self.gateway.process.running(), self.gateway.process.output()
        with contextlib.suppress(OSError):
            return self.page("/healthz")

    def page(self, path):
        return self.gateway.get(path, Authorization=f"Basic {self.login}")

    def curl(self, *arguments):
        done = subprocess.run(["curl", "--silent", "--max-time", "20", *map(str, arguments)], capture_output=True, text=True,
                              timeout=30, check=True)
        return done.stdout

    def use_them(self):
        """Each where it belongs, and wrong ones too."""
        wrong = self.secrets["wrong"] = "hunter2-mistyped-never-shown"
        http = f"http://127.0.0.1:{self.ports['http']}"
        event = '{"id":"push","temperature":1}'
        sent = ["-H", "Content-Type: application/json", "-d", event, f"{http}/v1/readings"]
        self.assertIn("accepted", self.curl("-H", f"Authorization: Bearer {self.secrets['token']}", *sent))
        self.assertIn("unauthorised", self.curl("-H", f"Authorization: Bearer {wrong}", *sent))
        self.curl("-u", f"pi:{wrong}", self.gateway.url)
        passkey = self.secrets["console"] = "0123456789ABCDEF0123456789ABCDEF"
        self.curl("-d", f"PASSKEY={passkey}&stationtype=GW1000&dateutc=now&tempf=70", f"{http}/data/report/")
        station = self.secrets["station"] = "hunter2-wunderground"
        self.curl(f"{http}/weatherstation/updateweatherstation.php?ID=roof&PASSWORD={station}&dateutc=now&tempf=70")
        self.curl(f"{http}/weatherstation/updateweatherstation.php?ID=roof&PASSWORD={station}&dateutc=never&tempf=x")
        for password in (self.secrets["page"], wrong):
            subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.ports["listener"]), "--cafile",
                            self.folder / "server.pem", "--insecure", "-u", "pi", "-P", password, "-q", "1", "-t", "weather/x",
                            "-m", event], capture_output=True, timeout=30, check=False)

    def test_are_in_no_log_page_answer_file_or_bundle(self):
        gateway = self.gateway
        self.use_them()
        for _ in range(2):
            gateway.process.signal(1)  # says what changed
            gateway.config.write_text(gateway.config.read_text() + "\n[sensors]\nquality = maybe\n")
            time.sleep(0.5)  # two reloads, not one for two signals
        gateway.config.write_text(gateway.config.read_text().split("\n[sensors]")[0])
        spoken = {path: self.page(path) for path in ("/", "/live.json", "/metrics", "/api/v1/status", "/api/v1/sensors")}
        commands = ("config show", "config show --all", "config show --origin", "check", "check --json", "status", "status --json",
                    "sensors", "top --count 1", "dead-letters ls", "reload --json", "pause", "resume")
        for command in commands:
            done = run(*command.split(), "-c", gateway.config, env=self.environment)
            spoken[command] = done.stdout + done.stderr
        self.assertEqual(spoken["config show"].count("<redacted>"), 4, spoken["config show"])
        bundle = self.folder / "bundle.tar.gz"
        done = run("bundle", "-o", bundle, "-c", gateway.config, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        spoken |= {name: text.decode() for name, text in bundled(bundle).items()}
        self.assertGreater(sum(name.startswith("bundle ") for name in spoken), 8)
        self.assertIn("sasl.password", spoken["bundle weather-gateway-bundle/config.txt"])
        code, _ = gateway.terminate()
        self.assertEqual(code, 0)
        spoken["journal"] = gateway.process.output()
        for file in gateway.data.rglob("*"):
            if file.is_file():
                spoken[str(file)] = file.read_bytes().decode(errors="replace")
        self.assertGreater(len(self.secrets), 13)
        shown = [(kind, place) for kind, secret in self.secrets.items() for place, text in spoken.items() if secret in text]
        self.assertEqual(shown, [])


if __name__ == "__main__":
    suite.main()
