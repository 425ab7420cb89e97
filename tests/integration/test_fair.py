"""Honest clients beside ten thousand hostile ones: they get in, and the log keeps what it needs to open its files."""

import json
import pathlib
import resource
import socket
import subprocess
import time
import unittest

from harness import expect, fair_clock, suite
from harness.gateway import run
from harness.hostile import Kind, Siege, connect
from harness.honest import Honest
from harness.kafka import Kafka
from harness.listener import ListeningGateway

HOSTILE = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 1_000)
TRIES = 10


def setUpModule():
    global kafka
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    kafka = Kafka().start()


def seconds_to_get_in(port, packet):
    """From the first SYN to a CONNACK that says yes."""
    began = fair_clock.seconds()
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.settimeout(30)
        client.sendall(packet)
        answer = client.recv(4)
    assert answer[:1] == b"\x20" and answer[3:] == b"\0", f"not let in: {answer!r}"
    return fair_clock.seconds() - began


class Crowd(unittest.TestCase):
    def check(self, gateway, kind, packet):
        """With as many connections tried as there are hostile clients, and still coming, each honest one gets in."""
        with Siege([kind]) as siege:
            suite.wait_for(lambda: siege.opened >= min(HOSTILE, kind.count), lambda: f"the crowd came: {siege.opened}", seconds=120)
            times = []
            for number in range(TRIES):
                times.append(seconds_to_get_in(gateway.port, packet(number)))
                time.sleep(0.2)  # the crowd goes on between two tries
            self.assertTrue(gateway.process.running())
        print(f"{siege.opened} hostile connections; honest ones in after {max(times) * 1000:.0f} ms at most", flush=True)
        self.assertLess(max(times), 2.0)

    def test_from_other_addresses(self):
        kafka.create_topic("crowd")
        gateway = ListeningGateway(kafka, "crowd").start()
        self.check(gateway, Kind("crowd", HOSTILE, gateway.port, lambda n: connect(f"hostile-{n}"), addresses=16, pause=1),
                   lambda n: connect(f"honest-{n}", clean=True))

    def test_of_another_user_at_the_same_address(self):
        kafka.create_topic("users")
        users = suite.folder("users") / "users"
        hashed = {name: subprocess.run(["openssl", "passwd", "-6", name], capture_output=True, text=True, check=True).stdout.strip()
                  for name in ("honest", "hostile")}
        users.write_text("".join(f"{name}:{hash_}\n" for name, hash_ in hashed.items()))
        users.chmod(0o600)
        gateway = ListeningGateway(kafka, "users", f'topics = ["weather/#"]\nusers_file = "{users}"').start()

        def of(user):
            return lambda n: connect(f"{user}-{n}", clean=user == "honest", user=user, password=user)

        seconds_to_get_in(gateway.port, of("honest")(0))  # a password that was right is remembered
        self.check(gateway, Kind("crowd", HOSTILE, gateway.port, of("hostile"), pause=1), of("honest"))

    def test_sessions_that_are_kept_refuse_nobody(self):
        """10,000 with random ids, kept for as long as they may be, and one more."""
        kafka.create_topic("sessions")
        gateway = ListeningGateway(kafka, "sessions").start()
        with Siege([Kind("sessions", 200, gateway.port, lambda n: connect(f"sleeper-{n}"), hang_up=True)]) as siege:
            suite.wait_for(lambda: siege.opened > 11_000, lambda: f"sessions were made: {siege.opened}", seconds=120)
        for number in range(5):
            self.assertLess(seconds_to_get_in(gateway.port, connect(f"new-{number}")), 2)
        metrics = gateway.get("/metrics")
        sessions = next(float(line.split()[-1]) for line in metrics.splitlines()
                        if line.startswith("weather_gateway_listener_sessions{"))
        self.assertLessEqual(sessions, 10_000)
        self.assertIn("weather_gateway_listener_evicted_sessions_total", metrics)


class Descriptors(unittest.TestCase):
    def test_connections_leave_the_log_and_the_control_socket_theirs(self):
        """600 descriptors, 2,000 connections that want one, and a log that opens a segment every few hundred readings."""
        kafka.create_topic("descriptors")
        gateway = ListeningGateway(kafka, "descriptors", 'topics = ["weather/#"]\n[log]\nsegment_bytes = "64KiB"\nmax_bytes = "64MiB"')
        gateway.process.command = ["prlimit", "--nofile=600:600", *gateway.process.command]
        gateway.start()
        with Siege([Kind("idle", 2_000, gateway.port, lambda n: connect(f"idle-{n}"), addresses=8, pause=1)]) as siege:
            suite.wait_for(lambda: siege.opened >= 2_000, "they came", seconds=60)
            result = Honest(gateway.port, 20, 25, 8).start().wait()
            self.assertEqual(run("status", "-c", gateway.config, "--json").returncode, 0)
            open_now = len(list(pathlib.Path(f"/proc/{gateway.process.child.pid}/fd").iterdir()))
        self.assertLess(open_now, 600 - 64)
        self.assertEqual(result["unacknowledged"], 0)
        self.assertNotIn("Too many open files", gateway.process.output())
        self.assertIn("LimitNOFILE", gateway.process.output())
        suite.wait_for(lambda: gateway.route()["waiting"] == 0, "all is sent", seconds=60, every=0.5)
        records = [one for one in kafka.records("descriptors") if json.loads(one.value).get("temperature") is not None]
        expect.everything_arrived(self, records, {name: sorted(numbers) for name, numbers in result["acknowledged"].items()})


if __name__ == "__main__":
    suite.main()
