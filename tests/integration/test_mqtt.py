"""What MQTT really does: qualities of service, versions, retained messages, redelivery, restarts, TLS and passwords."""

import json
import subprocess
import unittest

from harness import suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.proxy import Proxy
from harness.publisher import publish_one, publish_raw, reading

TOPIC = "topic_weather"
SOURCE = '[[mqtt]]\nurl = "{url}"\ntopics = ["{name}/#"]\nqos = {qos}\nprotocol = "{protocol}"\nclient_id = "{name}"\nname = "{name}"\n'
WAYS = {f"q{qos}v{protocol[0]}": (qos, protocol) for qos in (0, 1, 2) for protocol in ("3.1.1", "5")}


def setUpModule():
    global kafka
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)


def subscribed(mosquitto, *filters):
    suite.wait_for(lambda: all(f" {one}" in mosquitto.process.output() for one in filters), f"subscribed to {filters}")


def values_of(key):
    return [json.loads(record.value)["temperature"] for record in kafka.records(TOPIC) if record.key == key]


def wait_for_values(key, wanted):
    suite.wait_for(lambda: values_of(key) == wanted, lambda: f"{key}: {values_of(key)} and not {wanted}", every=0.3)


class Quality(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mosquitto = Mosquitto().start()
        cls.gateway = Gateway(cls.mosquitto, kafka.bootstrap, TOPIC, extra="".join(
            SOURCE.format(url=cls.mosquitto.url, name=name, qos=qos, protocol=protocol)
            for name, (qos, protocol) in WAYS.items())).start()
        subscribed(cls.mosquitto, *(f"{name}/#" for name in WAYS))

    @classmethod
    def tearDownClass(cls):
        cls.gateway.kill9()

    def test_every_quality_of_service_in_both_versions(self):
        for name, (qos, _) in WAYS.items():
            publish_one(self.mosquitto, f"{name}/x", reading(name, 7), qos=qos)
        for name in WAYS:
            wait_for_values(name, [7])
        log = self.mosquitto.process.output()
        for name, (qos, protocol) in WAYS.items():
            spoken = "5" if protocol == "5" or qos == 2 else "2"  # mosquitto calls 3.1.1 "p2"
            self.assertRegex(log, rf" as {name} \(p{spoken}, ")

    def test_a_broker_that_starts_again_still_has_the_session_and_what_it_queued(self):
        names = [name for name, (qos, _) in WAYS.items() if qos > 0]
        connections = self.mosquitto.process.output().count(" as q")
        self.mosquitto.restart()
        for name in names:
            publish_one(self.mosquitto, f"{name}/y", reading(name + "-again", 8))
        suite.wait_for(lambda: self.mosquitto.process.output().count(" as q") >= connections + len(WAYS),
                       "every source is back")
        for name in names:
            wait_for_values(name + "-again", [8])

    def test_a_message_published_retained_while_we_are_away_comes_twice_and_is_one_reading(self):
        self.gateway.kill9()
        subprocess.run(["mosquitto_pub", "-p", str(self.mosquitto.port), "-q", "1", "-r", "-t", "weather/kept", "-m",
                        reading("kept", 3)], check=True, timeout=30)
        for number in (4, 5):  # the second start: only the broker's memory speaks, of what our log has
            self.gateway.start()
            publish_one(self.mosquitto, "weather/after", reading("after-kept", number))
            suite.wait_for(lambda: number in values_of("after-kept"), "what came behind it", every=0.3)
            status = json.loads(run("status", "-c", self.gateway.config, "--json").stdout)
            self.assertEqual(status["sources"][0]["duplicates"], 1)
            if number == 4:
                self.gateway.terminate()  # in order, or Kafka has the first copy twice
        self.assertEqual(values_of("kept"), [3])

    def test_a_payload_of_256_kib_and_more_is_refused_with_a_word(self):
        large = json.dumps({"id": "large", "temperature": 1, "note": "x" * (256 << 10)}).encode()
        just_fits = json.dumps({"id": "fits", "temperature": 2, "note": "x" * 200_000}).encode()
        publish_raw(self.mosquitto, "weather/large", [large, just_fits, reading("behind-large", 5)])
        wait_for_values("behind-large", [5])
        self.assertEqual(values_of("large"), [])
        self.assertEqual(values_of("fits"), [2])
        letter = suite.wait_for(
            lambda: next((one for one in json.loads(run("dead-letters", "ls", "-c", self.gateway.config, "--json").stdout)
                          ["dead_letters"] if "bytes" in one["error"]), None),
            "the payload is a dead letter")
        self.assertRegex(letter["error"], "the payload has 2621.. bytes, the limit is 262144; its first 4096 bytes are kept")
        self.assertIn("the limit is 262144", run("sensors", "-c", self.gateway.config).stdout)


class Redelivery(unittest.TestCase):
    def test_what_was_stored_and_not_acknowledged_comes_with_dup_and_is_stored_once(self):
        mosquitto = Mosquitto().start()
        proxy = Proxy(mosquitto.port, suite.free_port())
        gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC, extra=SOURCE.format(
            url=f"mqtt://127.0.0.1:{proxy.port}", name="dup", qos=1, protocol="3.1.1")).start()
        subscribed(mosquitto, "dup/#")
        proxy.deafen()  # what we acknowledge gets lost
        publish_one(mosquitto, "dup/x", reading("dup", 1))
        wait_for_values("dup", [1])
        proxy.reset()
        proxy.heal()
        publish_one(mosquitto, "dup/x", reading("dup", 2))
        wait_for_values("dup", [1, 2])
        status = json.loads(run("status", "-c", gateway.config, "--json").stdout)
        source = next(one for one in status["sources"] if one["name"] == "dup")
        self.assertEqual(source["duplicates"], 1)
        gateway.kill9()


class Secured(unittest.TestCase):
    """mqtts:// with a private authority and a password."""

    @classmethod
    def setUpClass(cls):
        folder = cls.folder = suite.folder("tls")

        def openssl(*arguments):
            subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder)
        for name in ("ca", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
        (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=broker", "-keyout",
                "broker.key", "-out", "broker.csr")
        openssl("x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "san", "-out", "broker.pem")
        subprocess.run(["mosquitto_passwd", "-b", "-c", folder / "passwords", "gateway", "geheim"], check=True,
                       capture_output=True)
        (folder / "right").write_text("geheim\n")
        (folder / "wrong").write_text("falsch\n")
        cls.port = suite.free_port()
        cls.mosquitto = Mosquitto(extra=(f"password_file {folder}/passwords\nlistener {cls.port} 127.0.0.1\n"
                                         f"certfile {folder}/broker.pem\nkeyfile {folder}/broker.key\n"
                                         f"tls_version tlsv1.2\n")).start()

    def source(self, name, password="right", authority="ca"):
        for secret in ("right", "wrong"):
            (self.folder / secret).chmod(0o600)
        return (SOURCE.format(url=f"mqtts://127.0.0.1:{self.port}", name=name, qos=1, protocol="3.1.1") +
                f'username = "gateway"\npassword_file = "{self.folder}/{password}"\nca_file = "{self.folder}/{authority}.pem"\n')

    def reason(self, gateway, name):
        def look():
            status = json.loads(run("status", "-c", gateway.config, "--json").stdout or "{}")
            found = next((one for one in status.get("sources", []) if one["name"] == name), {"reason": ""})
            return found["reason"] if found["reason"] not in ("", "connecting") else None
        return suite.wait_for(look, f"{name} says why it is not connected")

    def test_readings_come_over_tls_with_a_password(self):
        gateway = Gateway(self.mosquitto, kafka.bootstrap, TOPIC, extra=self.source("secured"))
        gateway.start(wait=False)
        self.addCleanup(gateway.kill9)
        subscribed(self.mosquitto, "secured/#")
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "--cafile", self.folder / "ca.pem", "-u",
                        "gateway", "-P", "geheim", "-q", "1", "-t", "secured/x", "-m", reading("secured", 9)], check=True,
                       timeout=30)
        wait_for_values("secured", [9])

    def test_a_wrong_password_and_a_foreign_authority_are_said_in_words(self):
        gateway = Gateway(self.mosquitto, kafka.bootstrap, TOPIC,
                          extra=self.source("intruder", password="wrong") + self.source("stranger", authority="other"))
        gateway.start(wait=False)
        self.addCleanup(gateway.kill9)
        self.assertRegex(self.reason(gateway, "intruder"), "wrong user name or password|does not authorise")
        self.assertIn("TLS handshake failed: look at ca_file", self.reason(gateway, "stranger"))
        log = gateway.process.output()
        self.assertNotIn("falsch", log)
        self.assertLess(log.count("intruder: not connected"), 3, "one line for a state, not for each try")


if __name__ == "__main__":
    suite.main()
