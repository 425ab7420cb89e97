"""Kafka behind a proxy: the gateway lives where nothing but the proxy can be reached and no name resolves, the brokers are
advertised by a name that only the proxy knows. In soak with the librdkafka of Debian 13."""

import json
import os
import re
import time
import unittest

from harness import expect, suite
from harness.certificates import Certificates
from harness.engines import newer_librdkafka
from harness.gateway import PROGRAM, Gateway
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher
from harness.real_proxies import EncryptedTinyproxy, Island, Microsocks, Squid, Tinyproxy

BROKER, STRANGER, MQTT = "kafka.island.test", "other.island.test", "mqtt.island.test"


SOAK = os.environ.get("WEATHER_SUITE") == "soak"


def setUpModule():
    global kafka, island, certificates, plain, tls, library
    library = {"LD_LIBRARY_PATH": str(newer_librdkafka())} if SOAK else {}
    kafka = Kafka(KAFKA_PROXIED="1", KAFKA_ADVERTISED=BROKER, KAFKA_USERS="alice=alice-secret").start()
    island = Island({name: "127.0.0.1" for name in (BROKER, STRANGER, MQTT)})
    certificates = Certificates(kafka, suite.folder("certificates"))
    port = int(kafka.bootstrap.rsplit(":", 1)[1])
    plain, tls = port + 4, port + 3


def table(proxy, user=None, password=None, **more):
    """[kafka.proxy] as it stands in a file."""
    lines = [f'url = "{proxy.url}"']
    if user:
        secret = suite.folder("secret") / "password"
        secret.write_text(password + "\n")
        secret.chmod(0o600)
        lines += [f'username = "{user}"', f'password_file = "{secret}"']
    return "[kafka.proxy]\n" + "\n".join(lines + [f"{key} = {json.dumps(value)}" for key, value in more.items()]) + "\n"


def ran(*arguments):
    """A command of the program, there."""
    return island.run(PROGRAM, *arguments, env={**os.environ, **library})


class Bed:
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic, partitions=2)
        self.sent = 0

    def gateway(self, extra, host=BROKER, port=None, properties=None):
        gateway = Gateway(None, f"{host}:{port or plain}", self.topic, extra=extra, properties=properties)
        gateway.process.command[:0] = island.inside()
        gateway.process.environment |= library
        self.addCleanup(gateway.kill9)
        self.made = gateway
        return gateway

    def start(self, *arguments, **options):
        gateway = self.gateway(*arguments, **options)
        gateway.start(wait=False)
        gateway.answers()
        return gateway

    def send(self, count):
        self.made.send(range(self.sent, self.sent + count))
        self.sent += count

    def everything_arrives(self, seconds=90):
        suite.wait_for(lambda: kafka.count(self.topic) >= self.sent,
                       lambda: f"{self.sent} records: {self.made.route()} {self.made.process.output()}", seconds, every=0.3)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, {"roof": list(range(self.sent))})
        self.assertEqual(self.made.route()["dead_lettered"], 0)
        return expect.same_reading_same_id(self, records)

    def expect_reason(self, state, words):
        suite.wait_for(lambda: self.made.route()["state"] == state and words in self.made.route()["reason"],
                       lambda: f"{state}, {words}: {self.made.route()} {self.made.process.output()}", every=0.2)

    def check(self, gateway):
        """What `check` says of Kafka: its grade, text and exit code."""
        done = ran("check", "--json", "-c", gateway.config)
        found = next(one for one in json.loads(done.stdout)["checks"] if one["check"] == "kafka")
        return found["grade"], found["text"], done.returncode


class Proxied(Bed, unittest.TestCase):
    def test_nothing_else_can_be_reached(self):
        self.assertNotEqual(island.run("getent", "hosts", BROKER).returncode, 0)
        grade, text, _ = self.check(self.gateway(""))
        self.assertEqual(grade, "warning")
        self.assertIn("Failed to resolve", text)


def delivers(make, **login):
    def test(self):
        proxy = make(island, **login).start()
        gateway = self.start(table(proxy, **login))
        self.send(500)
        self.assertEqual(self.everything_arrives(), 0)
        suite.wait_for(lambda: gateway.route()["state"] == "online", gateway.route)
        self.assertEqual(self.check(gateway)[0], "ok")
        code, seconds = gateway.terminate()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 5)
        self.assertTrue(all(word not in gateway.process.output() for word in login.values()), gateway.process.output())
    return test


LOGIN = {"user": "islander", "password": "hunter2hunter2"}
Proxied.test_squid_delivers = delivers(Squid)
Proxied.test_squid_with_a_log_in_delivers = delivers(Squid, **LOGIN)
Proxied.test_tinyproxy_with_a_log_in_delivers = delivers(Tinyproxy, **LOGIN)
Proxied.test_microsocks_delivers = delivers(Microsocks)
Proxied.test_microsocks_with_a_log_in_delivers = delivers(Microsocks, **LOGIN)


class Encrypted(Bed, unittest.TestCase):
    """TLS end to end."""

    def setUp(self):
        super().setUp()
        kafka.allow_write("alice", self.topic)
        self.alice = certificates.issue("alice")

    def test_the_brokers_name_is_verified_through_each_kind_of_proxy(self):
        for proxy in (Squid(island).start(), Microsocks(island).start()):
            with self.subTest(proxy.scheme):
                self.start(table(proxy), port=tls, properties=self.alice)
                self.send(100)
                self.everything_arrives()
                self.made.kill9()
                grade, text, _ = self.check(self.gateway(table(proxy), STRANGER, tls, self.alice))
                self.assertEqual(grade, "fault", text)
                self.assertIn("certificate", text)
                self.sent = 0
                kafka.delete_topic(self.topic)
                suite.wait_for(lambda: self.made_anew(), "the topic is made anew", every=0.5)

    def made_anew(self):
        try:
            kafka.create_topic(self.topic, partitions=2)
        except RuntimeError:
            return False
        kafka.allow_write("alice", self.topic)
        return True

    def test_tls_to_the_proxy_and_through_it(self):
        certificate, key = (island.hosts.parent / f"proxy.{kind}" for kind in ("crt", "key"))
        request = island.hosts.parent / "proxy.csr"
        certificates.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=proxy", "-out", request)
        names = island.hosts.parent / "proxy.ext"
        names.write_text(f"subjectAltName=IP:{island.proxy_address}\n")
        authority = certificates.ca.parent
        certificates.openssl("x509", "-req", "-in", request, "-CA", certificates.ca, "-CAkey", authority / "ca.key", "-days", "2",
                             "-extfile", names, "-out", certificate)
        proxy = EncryptedTinyproxy(island, certificate, key).start()
        grade, text, _ = self.check(self.gateway(table(proxy), port=tls, properties=self.alice))
        self.assertEqual(grade, "warning")
        self.assertIn(f"the proxy {island.proxy_address}:{proxy.port} no encrypted connection: its certificate is refused", text)
        self.start(table(proxy, ca_file=str(certificates.ca)), port=tls, properties=self.alice)
        self.send(2000)
        self.everything_arrives()


class Faults(Bed, unittest.TestCase):
    """0 lost, and the order kept."""

    SLOW = "[backlog]\nmax_rate = 1500\n"

    def drain_through(self, proxy, extra="", properties=None):
        """A backlog of 8,000 that takes some five seconds; back when some of it has arrived."""
        self.start(self.SLOW + extra + table(proxy), properties={"socket.timeout.ms": 6000, **(properties or {})})
        self.send(8000)
        proxy.start()
        self.some_arrive(1000)

    def some_arrive(self, more):
        before = kafka.count(self.topic)
        suite.wait_for(lambda: kafka.count(self.topic) >= min(before + more, self.sent),
                       lambda: f"more than {before}: {self.made.route()} {self.made.process.output()}", every=0.1)

    def restarts(self, proxy):
        self.drain_through(proxy)
        for _ in range(3):
            proxy.stop()
            proxy.start()
            self.some_arrive(700)
        self.everything_arrives()

    def test_squid_is_restarted_in_mid_drain(self):
        self.restarts(Squid(island))

    def test_microsocks_is_restarted_in_mid_drain(self):
        self.restarts(Microsocks(island))

    def test_the_gateway_is_killed_in_mid_drain(self):
        proxy = Tinyproxy(island)
        self.drain_through(proxy)
        for _ in range(2):
            self.made.kill9()
            self.made.start(wait=False)
            self.made.answers()
            self.some_arrive(700)
        self.everything_arrives()

    def test_a_connection_that_the_proxy_ends_for_idleness(self):
        proxy = Tinyproxy(island, idle_seconds=2).start()
        gateway = self.start(table(proxy))
        for _ in range(3):
            self.send(50)
            suite.wait_for(lambda: kafka.count(self.topic) == self.sent, lambda: self.made.route(), every=0.1)
            time.sleep(3)  # what is tested: nothing said for longer than the proxy keeps it
        self.assertEqual(self.everything_arrives(), 0)
        self.assertNotIn(gateway.route()["state"], ("blocked",))

    def test_a_link_that_swallows_everything_while_the_proxy_goes_and_comes_back(self):
        """The connections are half open: nobody tells the gateway, and nobody knows them any more."""
        proxy = Squid(island)
        self.drain_through(proxy)
        island.connected(False)
        self.addCleanup(island.connected, True)
        proxy.stop()
        proxy.process.start()
        time.sleep(2)  # the line is gone for so long
        island.connected(True)
        self.everything_arrives()

    def test_a_proxy_that_hangs_and_goes_on(self):
        proxy = Squid(island)
        self.drain_through(proxy)
        proxy.process.pause()
        self.send(1000)
        self.expect_reason("offline", "")
        code, seconds = self.made.terminate()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 12)
        proxy.process.resume()
        self.made.start(wait=False)
        self.made.answers()
        self.everything_arrives()


class Others(Bed, unittest.TestCase):
    def client_properties(self, proxy, **more):
        path = suite.folder("client") / "client.properties"
        path.write_text("\n".join([f"bootstrap.servers={BROKER}:{plain}", f"proxy.url={proxy.url}",
                                   *(f"{key}={value}" for key, value in more.items())]) + "\n")
        return path

    def test_produce_and_consume(self):
        proxy = Squid(island, **LOGIN).start()
        login = {"proxy.username": LOGIN["user"], "proxy.password": LOGIN["password"]}
        file = self.client_properties(proxy, **login)
        words = ("--topic", self.topic)
        done = ran("produce", "--config", file, *words, "--key", "k", "--value", "through it")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = ran("consume", "--config", file, *words, "--from-beginning", "--count", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("through it", done.stdout)
        done = ran("produce", "--config", self.client_properties(proxy), *words, "--value", "x", "--timeout", "4s")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("it wants a user and a password (407", done.stderr)

    def test_exactly_once_and_the_status_of_the_fleet(self):
        proxy = Microsocks(island).start()
        kafka.create_topic("fleet", cleanup_policy="compact")
        gateway = self.gateway(table(proxy) + '[fleet]\ntopic = "fleet"\n')
        gateway.config.write_text(gateway.config.read_text().replace("[kafka]\n", '[kafka]\ndelivery = "exactly-once"\n'))
        gateway.start(wait=False)
        gateway.answers()
        self.send(300)
        self.assertEqual(self.everything_arrives(), 0)
        suite.wait_for(lambda: [r for r in kafka.records("fleet") if r.key == gateway.id], "the fleet hears of it", every=0.5)

    def test_mqtt_by_name_through_the_proxy(self):
        mosquitto = Mosquitto().start()
        publisher = Publisher(mosquitto, in_flight=1000)
        self.addCleanup(publisher.close)
        source = f'[[mqtt]]\nname = "far"\nurl = "mqtt://{MQTT}:{mosquitto.url.rsplit(":", 1)[1]}"\ntopics = ["weather/#"]\nproxy = true\n'
        for proxy in (Squid(island), Microsocks(island)):
            with self.subTest(proxy.scheme):
                gateway = self.start(source + table(proxy))
                suite.wait_for(lambda: "cannot be connected to" in self.far(gateway)["reason"], lambda: self.far(gateway))
                proxy.start()
                suite.wait_for(lambda: self.far(gateway)["up"], lambda: self.far(gateway))
                publisher.publish(300)
                publisher.wait_for_acknowledgements()
                suite.wait_for(lambda: kafka.count(self.topic) >= publisher.total_acknowledged(), gateway.route, every=0.2)
                done = ran("check", "--json", "-c", gateway.config)
                told = [one for one in json.loads(done.stdout)["checks"] if MQTT in one["text"]]
                self.assertEqual([one["grade"] for one in told if one["grade"] not in ("ok", "note")], [], told)
                gateway.terminate()
                proxy.stop()
        expect.everything_arrived(self, kafka.records(self.topic), publisher.acknowledged)

    @staticmethod
    def far(gateway):
        return next(one for one in gateway.status()["sources"] if one["name"] == "far")


class Failures(Bed, unittest.TestCase):
    def test_each_hop_is_named(self):
        squid, tiny = Squid(island, forbidden=STRANGER, **LOGIN).start(), Tinyproxy(island).start()
        socks, locked = Microsocks(island).start(), Microsocks(island, **LOGIN).start()
        nobody = Tinyproxy(island)
        at = f"the proxy {squid.address}:"
        told = {
            "no log-in": (table(squid), BROKER, "fault", f"{at}{squid.port} refuses this gateway: it wants a user and a password (407 "),
            "wrong log-in": (table(squid, "islander", "wrong"), BROKER, "fault", "it does not take this user and password (407 "),
            "forbidden": (table(squid, **LOGIN), STRANGER, "fault", f"{at}{squid.port} refuses the connection to {STRANGER}:{plain} (403 "),
            "no such name": (table(squid, **LOGIN), "nowhere.island.test", "warning",
                             f"{at}{squid.port} cannot reach nowhere.island.test:{plain} (50"),
            "no such port": (table(tiny), BROKER, "warning", f"{at}{tiny.port} cannot reach {BROKER}:1 (50"),
            "socks refuses": (table(locked), BROKER, "fault", f"{at}{locked.port} refuses this gateway: it wants a user and a password"),
            "socks, no such name": (table(socks), "nowhere.island.test", "warning",
                                    f"{at}{socks.port} cannot reach nowhere.island.test:{plain} (general failure, SOCKS reply 1)"),
            "socks, no such port": (table(socks), BROKER, "warning",
                                    f"{at}{socks.port} cannot reach {BROKER}:1 (connection refused, SOCKS reply 5)"),
            "nobody": (table(nobody), BROKER, "warning", f"{at}{nobody.port} cannot be connected to: Connection refused"),
            "http at socks": (table(socks).replace("socks5h", "http"), BROKER, "warning", f"{at}{socks.port} "),
            "tls at http": (table(squid).replace("http", "https"), BROKER, "warning", f"{at}{squid.port} no encrypted connection"),
            "one that waits": (table(tiny).replace("http", "socks5h"), BROKER, "warning",
                               f"{at}{tiny.port} takes the connection and does not answer"),
        }
        for case, (proxy, host, grade, words) in told.items():
            with self.subTest(case):
                found = self.check(self.gateway(proxy, host, 1 if "port" in case else plain))
                self.assertEqual(found[0], grade, found)
                self.assertIn(words, found[1])
                self.assertEqual(found[2], 69 if grade == "fault" else 0, found)

    def test_a_missing_log_in_is_in_the_status_and_given_one_it_delivers(self):
        squid = Squid(island, **LOGIN).start()
        gateway = self.start(table(squid))
        self.send(100)
        self.expect_reason("blocked", "it wants a user and a password (407")
        self.assertIn("give username and password_file", gateway.process.output())
        text = gateway.config.read_text()
        gateway.config.write_text(re.sub(r"\[kafka.proxy\]\n[^\[]*", table(squid, **LOGIN), text))
        self.assertEqual(ran("reload", "-c", gateway.config).returncode, 0)
        self.everything_arrives()


if __name__ == "__main__":
    suite.main()
