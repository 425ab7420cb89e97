"""A real Kafka that refuses: no right to write, wrong password, expired certificate, unknown authority, a topic that is gone.
Nothing is lost or given up, the status says why, and once the reason is gone everything arrives by itself."""

import json
import time
import unittest

from harness import expect, fair_clock, suite
from harness.certificates import Certificates
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

HOUR_MS = 3600 * 1000
RIGHTS_SINCE = [2, 3]  # the librdkafka that can ask a broker for rights


def setUpModule():
    global kafka, mosquitto, certificates, sasl, tls
    kafka = Kafka(KAFKA_USERS="alice=alice-secret bob=bob-secret").start()
    mosquitto = Mosquitto().start()
    certificates = Certificates(kafka, suite.folder("certificates"))
    sasl, tls = kafka.run("bootstrap", "sasl_ssl"), kafka.run("bootstrap", "ssl")


def password(user, secret):
    return {"security.protocol": "SASL_SSL", "sasl.mechanisms": "PLAIN", "sasl.username": user, "sasl.password": secret,
            "ssl.ca.location": certificates.ca}


class Refusals(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic, partitions=2)
        self.publisher = Publisher(mosquitto, in_flight=1000)
        self.addCleanup(self.publisher.close)

    def start(self, bootstrap, properties):
        self.gateway = Gateway(mosquitto, bootstrap, self.topic, properties=properties).start()
        self.addCleanup(self.gateway.kill9)

    def expect_blocked(self, *words):
        suite.wait_for(lambda: self.gateway.route()["state"] == "blocked",
                       lambda: f"blocked: {self.gateway.route()}", every=0.2)
        for word in words:
            self.assertIn(word, self.gateway.route()["reason"])

    def everything_arrives(self, most_repeats=0):
        self.publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, self.publisher.total_acknowledged(), seconds=90)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        self.assertLessEqual(expect.same_reading_same_id(self, records), most_repeats)
        self.assertEqual(self.gateway.route()["dead_lettered"], 0)
        suite.wait_for(lambda: self.gateway.route()["state"] == "online", lambda: self.gateway.route())

    def test_no_right_to_write_until_it_is_given(self):
        self.start(sasl, password("bob", "bob-secret"))
        self.publisher.publish(300)
        self.expect_blocked("allow this client to write to the topic")
        kafka.allow_write("bob", self.topic)
        run("retry", "-c", self.gateway.config)
        self.everything_arrives()

    def test_check_tells_the_rights_as_far_as_the_library_can_ask(self):
        gateway = Gateway(mosquitto, sasl, self.topic, properties=password("bob", "bob-secret"))

        def told(name):
            checks = json.loads(run("check", "--json", "-c", gateway.config).stdout)["checks"]
            return {check["check"]: (check["grade"], check["text"]) for check in reversed(checks)}[name]
        self.assertEqual(told("topic")[0], "fault")
        kafka.allow_read("bob", self.topic)
        can_ask = RIGHTS_SINCE <= [int(part) for part in json.loads(run("version", "--json").stdout)["librdkafka"].split(".")]
        unknown = ("note", f"this user may see {self.topic}; whether it may write shows with the first record")
        self.assertEqual(told("permission"), ("fault", f"this user may not write to {self.topic}") if can_ask else unknown)
        kafka.allow_write("bob", self.topic)
        self.assertEqual(told("permission"), ("ok", f"this user may write to {self.topic}") if can_ask else unknown)

    def test_a_wrong_password_is_named_and_the_right_one_delivers(self):
        kafka.allow_write("alice", self.topic)
        self.start(sasl, password("alice", "wrong"))
        self.publisher.publish(300)
        self.expect_blocked("password")
        self.assertNotIn("wrong\"", self.gateway.process.output())
        self.gateway.config.write_text(self.gateway.config.read_text().replace('= "wrong"', '= "alice-secret"'))
        self.gateway.terminate()
        self.gateway.start()
        self.everything_arrives()

    def test_an_expired_certificate_and_its_renewal_without_a_restart(self):
        kafka.allow_write("alice", self.topic)
        properties = certificates.issue("alice", days=0)
        time.sleep(1)  # a certificate of no days has ended by then
        self.start(tls, properties)
        self.publisher.publish(300)
        self.expect_blocked("certificate")
        certificates.issue("alice")
        self.everything_arrives()
        self.assertIn("certificates were renewed", self.gateway.process.output())

    def test_a_certificate_renewed_under_load_loses_and_repeats_nothing(self):
        kafka.allow_write("alice", self.topic)
        self.start(tls, certificates.issue("alice"))
        self.publisher.publish_for(3, 300)
        certificates.issue("alice")
        deadline = fair_clock.seconds() + 40
        while "certificates were renewed" not in self.gateway.process.output():
            self.assertLess(fair_clock.seconds(), deadline, "the renewal is noticed")
            self.publisher.publish_for(1, 300)
        self.publisher.publish_for(2, 300)
        self.everything_arrives()

    def test_a_broker_of_an_authority_nobody_knows(self):
        kafka.allow_write("alice", self.topic)
        properties = certificates.issue("alice")
        stranger = suite.folder("stranger") / "ca.crt"
        certificates.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=stranger",
                              "-out", stranger)
        self.start(tls, {**properties, "ssl.ca.location": stranger})
        self.publisher.publish(300)
        self.expect_blocked("certificate")
        stranger.write_bytes(certificates.ca.read_bytes())
        self.everything_arrives()

    def test_a_topic_that_is_deleted_and_made_again(self):
        self.start(kafka.bootstrap, {"topic.metadata.propagation.max.ms": 2000, "topic.metadata.refresh.interval.ms": 2000})
        self.publisher.publish(100)
        self.publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, 100)
        kafka.delete_topic(self.topic)
        suite.wait_for(lambda: self.gateway.route()["waiting"] == 0, "the first hundred have their fate")
        self.publisher.acknowledged.clear()  # gone with the topic
        self.publisher.publish_for(4, 100)
        self.expect_blocked("create the topic")
        kafka.create_topic(self.topic, partitions=2)
        run("retry", "-c", self.gateway.config)
        self.everything_arrives()

    def test_times_refused_by_a_topic_whose_settings_may_not_be_read(self):
        kafka.allow_write("alice", self.topic)
        kafka.alter_topic(self.topic, message_timestamp_before_max_ms=HOUR_MS)
        self.start(sasl, password("alice", "alice-secret"))
        self.publisher.publish(1000)
        self.everything_arrives()
        self.assertGreater(min(record.timestamp_ms for record in kafka.records(self.topic)), (time.time() - 600) * 1000)


if __name__ == "__main__":
    suite.main()
