"""A client.properties as services hand it out, pasted as it is, against a real Kafka that asks for TLS and a log-in; what cannot be
read is read after the one command that is told; a broker's certificate for another name is refused. In soak also with the
librdkafka of Debian 13."""

import json
import os
import re
import subprocess
import unittest

from harness import expect, suite
from harness.certificates import Certificates
from harness.engines import newer_librdkafka
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.proxy import Proxy
from harness.publisher import Publisher

SCRAM_TO_KAFKA_4_SINCE = [2, 6, 1]
SOAK = os.environ.get("WEATHER_SUITE") == "soak"
JAVA_ONLY = """\
key.serializer=org.apache.kafka.common.serialization.StringSerializer
value.serializer=org.apache.kafka.common.serialization.StringSerializer
client.dns.lookup=use_all_dns_ips
max.block.ms=60000
"""
PLAIN = ("org.apache.kafka.common.security.plain.PlainLoginModule required username='alice' "
         "password='alice-secret';")
SCRAM = ('org.apache.kafka.common.security.scram.ScramLoginModule required \\\n    username="alice" '
         'password="alice-secret";')


def setUpModule():
    global kafka, mosquitto, certificates, sasl, tls, library
    kafka = Kafka(KAFKA_USERS="alice=alice-secret").start()
    mosquitto = Mosquitto().start()
    certificates = Certificates(kafka, suite.folder("certificates"))
    sasl, tls = kafka.run("bootstrap", "sasl_ssl"), kafka.run("bootstrap", "ssl")
    library = newer_librdkafka() if SOAK else None


class Pasted(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic)
        kafka.allow_write("alice", self.topic)
        kafka.allow_read("alice", self.topic)

    def gateway(self, pasted):
        gateway = Gateway(mosquitto, "", self.topic)
        (gateway.folder / "client.properties").write_text(pasted)
        if library:
            gateway.process.environment["LD_LIBRARY_PATH"] = str(library)
        self.addCleanup(gateway.kill9)
        return gateway

    @staticmethod
    def ran(gateway, *arguments):
        return run(*arguments, env={**os.environ, **gateway.process.environment})

    def checked(self, gateway):
        return self.ran(gateway, "check", "--json", "-c", gateway.config)

    def delivers(self, pasted):
        gateway = self.gateway(pasted)
        checks = json.loads(self.checked(gateway).stdout)["checks"]
        self.assertEqual([check for check in checks if check["grade"] == "fault"], [])
        gateway.start()
        publisher = Publisher(mosquitto, in_flight=100)
        self.addCleanup(publisher.close)
        publisher.publish(50)
        publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, publisher.total_acknowledged())
        expect.everything_arrived(self, kafka.records(self.topic), publisher.acknowledged)
        return gateway.process.output()

    def test_plain_as_confluent_cloud_and_event_hubs_say_it(self):
        said = self.delivers(f"# Required connection configs for Kafka producer, consumer, and admin\nbootstrap.servers={sasl}\n"
                             f"security.protocol=SASL_SSL\nsasl.jaas.config={PLAIN}\nsasl.mechanism=PLAIN\nacks=all\n{JAVA_ONLY}"
                             f"ssl.truststore.type=PEM\nssl.truststore.location={certificates.ca}\n")
        self.assertEqual(len(re.findall("passed over: key.serializer, value.serializer", said)), 1, said)

    def test_scram_as_strimzi_and_redpanda_say_it(self):
        pem = certificates.ca.read_text().replace("\n", " ")
        pasted = (f"bootstrap.servers={sasl}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config={SCRAM}\n"
                  f"ssl.truststore.type=PEM\nssl.truststore.certificates={pem}\n")
        gateway = self.gateway(pasted)
        version = json.loads(self.ran(gateway, "version", "--json").stdout)["librdkafka"]
        if [int(part) for part in version.split(".")] >= SCRAM_TO_KAFKA_4_SINCE:
            self.delivers(pasted)
        else:
            self.assertIn("librdkafka before 2.6.1 cannot log in to Kafka 4", self.checked(gateway).stdout)

    def test_a_pkcs12_key_store_as_aiven_says_it(self):
        store = suite.folder("store") / "client.keystore.p12"
        own = certificates.issue("alice")
        certificates.openssl("pkcs12", "-export", "-in", own["ssl.certificate.location"], "-inkey", own["ssl.key.location"],
                             "-out", store, "-passout", "pass:changeit")
        self.delivers(f"bootstrap.servers={tls}\nsecurity.protocol=SSL\nssl.keystore.type=PKCS12\nssl.keystore.location={store}\n"
                      f"ssl.keystore.password=changeit\nssl.key.password=changeit\nssl.truststore.type=PEM\n"
                      f"ssl.truststore.location={certificates.ca}\n")

    def test_java_stores_are_read_after_the_command_that_is_told(self):
        folder = suite.folder("jks")
        own = certificates.issue("alice")
        password = ("-storepass", "changeit", "-noprompt")
        trust, keys = folder / "client.truststore.jks", folder / "client.keystore.jks"
        self.keytool("-importcert", "-alias", "ca", "-file", certificates.ca, "-keystore", trust, "-storetype", "JKS", *password)
        certificates.openssl("pkcs12", "-export", "-in", own["ssl.certificate.location"], "-inkey", own["ssl.key.location"],
                             "-out", folder / "made.p12", "-passout", "pass:changeit", "-name", "alice")
        self.keytool("-importkeystore", "-srckeystore", folder / "made.p12", "-srcstorepass", "changeit", "-destkeystore", keys,
                     "-deststoretype", "JKS", "-deststorepass", "changeit", "-noprompt")
        lines = {"bootstrap.servers": tls, "security.protocol": "SSL", "ssl.truststore.location": trust, "ssl.truststore.password": "changeit",
                 "ssl.keystore.location": keys, "ssl.keystore.password": "changeit", "ssl.key.password": "changeit"}

        def pasted():
            return "".join(f"{key}={value}\n" for key, value in lines.items())
        told = self.checked(self.gateway(pasted())).stdout
        commands = re.findall(r"(keytool -.*?), then", told)
        self.assertEqual(len(commands), 2, told)
        for command in commands:
            subprocess.run(command, shell=True, cwd=folder, check=True, input="changeit\nchangeit\nchangeit\n", text=True, capture_output=True,
                           timeout=60)
        lines |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": folder / "ca.pem", "ssl.keystore.type": "PKCS12",
                  "ssl.keystore.location": folder / "client.p12"}
        self.delivers(pasted())

    def test_a_certificate_for_another_name_is_refused(self):
        elsewhere = Proxy(int(sasl.rsplit(":", 1)[1]), address="127.0.0.2")
        self.addCleanup(elsewhere.down)
        pasted = (f"bootstrap.servers=127.0.0.2:{elsewhere.port}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config={PLAIN}\n"
                  f"ssl.truststore.type=PEM\nssl.truststore.location={certificates.ca}\n")
        gateway = self.gateway(pasted)
        self.assertRegex(self.checked(gateway).stdout, r'"fault","text":"127.0.0.2:\d+ refuses this gateway: .*certificate')
        gateway.start()
        publisher = Publisher(mosquitto, in_flight=100)
        self.addCleanup(publisher.close)
        publisher.publish(5)
        publisher.wait_for_acknowledgements()
        suite.wait_for(lambda: "certificate" in gateway.route()["reason"], lambda: gateway.route())
        self.assertEqual(gateway.route()["state"], "blocked")
        self.assertEqual(kafka.count(self.topic), 0)
        gateway.kill9()
        # As Java does, who asks for it by an empty value gets no check of the name.
        self.delivers(pasted + "ssl.endpoint.identification.algorithm=\n")

    @staticmethod
    def keytool(*arguments):
        subprocess.run(["keytool", *map(str, arguments)], check=True, capture_output=True, timeout=60)


if __name__ == "__main__":
    suite.main()
