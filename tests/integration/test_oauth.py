"""SASL OAUTHBEARER without libcurl: a real Kafka that asks an identity provider of the test's own for its keys. Tokens come and go,
the provider is away, wrong or has other keys; nothing is lost or out of order, what is wrong is said, and it heals by itself."""

import json
import os
import unittest

from harness import expect, identity, kafka_admin, suite
from harness.certificates import Certificates
from harness.engines import newer_librdkafka
from harness.gateway import Gateway, bundled, run
from harness.identity import Identity
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

SOAK = os.environ.get("WEATHER_SUITE") == "soak"
SHORT = 8  # seconds a token lives; the broker asks again for one before a connection is older than its token


def setUpModule():
    global kafka, mosquitto, certificates, provider, sasl, library
    provider = Identity()
    kafka = Kafka(**identity.broker(provider, suite.folder("broker") / "oauth.properties", reauthenticate_ms=3_600_000)).start()
    mosquitto = Mosquitto().start()
    certificates = Certificates(kafka, suite.folder("certificates"))
    sasl = kafka.run("bootstrap", "sasl_ssl")
    library = newer_librdkafka() if SOAK else None


def login(**more):
    return {"security.protocol": "SASL_SSL", "ssl.ca.location": certificates.ca, "sasl.mechanism": "OAUTHBEARER",
            **{name.replace("__", "."): value for name, value in more.items()}}


def secret(**more):
    return login(**{"sasl.oauthbearer.method": "oidc", "sasl.oauthbearer.token.endpoint.url": provider.token_url,
                    "sasl.oauthbearer.client.id": "alice", "sasl.oauthbearer.client.secret": provider.secret,
                    "sasl.oauthbearer.scope": "weather read", **more})


class WithProvider(unittest.TestCase):
    def setUp(self):
        self.topic = self.id().rsplit(".", 1)[1]
        kafka.create_topic(self.topic, partitions=2)
        kafka.allow_write("alice", self.topic)
        kafka.allow_read("alice", self.topic)
        provider.up()
        provider.life, provider.audience, provider.answer, provider.clock, provider.not_before = 3600, "kafka", None, 0, 0
        provider.asked.clear()
        self.publisher = Publisher(mosquitto, in_flight=1000)
        self.addCleanup(self.publisher.close)

    def make(self, properties, extra=""):
        self.gateway = Gateway(mosquitto, sasl, self.topic, properties=properties, extra=extra)
        if library:
            self.gateway.process.environment["LD_LIBRARY_PATH"] = str(library)
        self.addCleanup(self.gateway.kill9)
        return self.gateway

    def start(self, properties, extra=""):
        return self.make(properties, extra).start()

    def ran(self, *arguments, **options):
        return run(*arguments, env={**os.environ, **self.gateway.process.environment}, **options)

    def checks(self, *options):
        checked = self.ran("check", "--json", "-c", self.gateway.config, *options)
        return {check["check"]: check for check in reversed(json.loads(checked.stdout)["checks"])}

    def token(self):
        return self.gateway.status()["tokens"][0]

    def state(self, state, *words, seconds=suite.WAIT_SECONDS):
        suite.wait_for(lambda: self.gateway.route()["state"] == state and all(w in self.gateway.route()["reason"] for w in words),
                       lambda: f"{state} with {words}: {self.gateway.route()} {self.token()}", seconds, every=0.2)

    def everything_arrives(self, most_repeats=0):
        self.publisher.wait_for_acknowledgements()
        kafka.wait_for_count(self.topic, self.publisher.total_acknowledged(), seconds=120)
        records = kafka.records(self.topic)
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        self.assertLessEqual(expect.same_reading_same_id(self, records), most_repeats)
        route = self.gateway.route()
        self.assertEqual((route["dead_lettered"], route["dropped"]), (0, 0))
        suite.wait_for(lambda: self.gateway.route()["state"] == "online", lambda: self.gateway.route())


class Tokens(WithProvider):
    def test_client_credentials_and_what_is_told_of_them(self):
        self.start(secret(**{"sasl.oauthbearer.parameters": "audience=kafka,resource=weather"}))
        self.publisher.publish(300)
        self.everything_arrives()
        asked = provider.asked[0]
        self.assertEqual({name: asked.get(name) for name in ("grant_type", "scope", "audience", "resource")},
                         {"grant_type": "client_credentials", "scope": "weather read", "audience": "kafka", "resource": "weather"})
        token = self.token()
        self.assertEqual((token["state"], token["place"], token["reason"]), ("fresh", provider.url, ""))
        self.assertEqual(token["about"], "audience kafka, issuer https://identity.test, subject alice")
        self.assertTrue(3500 < token["seconds_left"] <= 3600, token)
        self.assertRegex(self.ran("status", "-c", self.gateway.config).stdout, r"token +the token of .* lives for another 59 min")
        self.assertRegex(self.gateway.get("/metrics"), rf'kafka_token_left_seconds{{place="{provider.url}"}} 3[45]\d\d')
        found = self.checks()
        self.assertEqual((found["token"]["grade"], found["kafka"]["grade"]), ("ok", "ok"), found)
        self.assertRegex(found["token"]["text"], r"\(audience kafka, .*\) lives for another (59|60) min$")
        self.nobody_says(provider.secret)

    def nobody_says(self, secret):
        """What comes out of the gateway holds neither the secret nor a token."""
        config = ("-c", self.gateway.config)
        archive = self.gateway.folder / "bundle.tar.gz"
        said = {"journal": self.gateway.process.output().encode()}
        for words in (("status",), ("status", "--json"), ("check",), ("check", "--json"), ("config", "show"),
                      ("config", "show", "--all"), ("bundle", "--output", archive)):
            done = self.ran(*words, *config)
            said[words] = (done.stdout + done.stderr).encode()
        said.update(bundled(archive))
        for path in ("/", "/metrics", "/api/v1/status"):
            said[path] = self.gateway.get(path).encode()
        self.assertTrue(any(str(name).startswith("bundle ") for name in said))
        for where, text in said.items():
            for mark in (secret.encode(), b"eyJ"):
                self.assertNotIn(mark, text, where)

    def test_short_tokens_are_renewed_on_connections_that_stay(self):
        provider.life = SHORT
        self.start(secret())
        self.publisher.publish_for(4 * SHORT, rate=40)
        self.everything_arrives()
        self.assertGreaterEqual(len(provider.asked), 5)

    def test_expiry_while_idle(self):
        provider.life = SHORT
        self.start(secret())
        self.publisher.publish(50)
        self.everything_arrives()
        asked = len(provider.asked)
        suite.wait_for(lambda: len(provider.asked) >= asked + 2, "two more tokens, with nothing to send")
        self.publisher.publish(50)
        self.everything_arrives()

    def test_exactly_once_with_short_tokens(self):
        provider.life = SHORT
        gateway = self.make(secret())
        text = gateway.config.read_text()
        gateway.config.write_text(text.replace("[kafka]\n", '[kafka]\ndelivery = "exactly-once"\n', 1))
        kafka.allow_transactions("alice", f"weather-gateway/{gateway.id}/kafka")
        gateway.start()
        self.publisher.publish_for(2 * SHORT, rate=20)
        self.publisher.wait_for_acknowledgements()
        suite.wait_for(lambda: gateway.route()["delivered"] == self.publisher.total_acknowledged(), gateway.route, every=0.3)
        records = kafka.records(self.topic, "read_committed")
        expect.everything_arrived(self, records, self.publisher.acknowledged)
        self.assertEqual(expect.same_reading_same_id(self, records), 0)

    def test_a_provider_that_is_away_costs_nothing_while_the_token_lives(self):
        provider.life = 2 * SHORT
        self.start(secret())
        self.publisher.publish(50)
        self.everything_arrives()
        provider.down()
        suite.wait_for(lambda: self.token()["state"] == "ageing", lambda: self.token())
        self.assertIn("it cannot be reached (Connection refused)", self.token()["reason"])
        self.publisher.publish(20)
        self.everything_arrives()
        provider.up()
        suite.wait_for(lambda: self.token()["state"] == "fresh", lambda: self.token())

    def test_a_provider_that_is_away_for_longer_blocks_and_heals(self):
        provider.life = SHORT
        self.start(secret())
        self.publisher.publish(100)
        self.everything_arrives()
        provider.down()
        suite.wait_for(lambda: self.token()["state"] == "blocked", lambda: self.token())
        self.publisher.publish(300)
        self.state("blocked", f"the token is missing: the identity provider {provider.url} gives no token: it cannot be reached (Connection refused)")
        # The broker ends a connection with its token: nothing goes on with an old one.
        self.assertEqual(kafka.count(self.topic), 100)
        self.assertEqual(self.checks()["token"]["grade"], "fault")
        provider.up()
        self.publisher.publish(100)
        self.everything_arrives()
        self.assertEqual(self.token()["state"], "fresh")

    def test_the_gateway_starts_without_a_provider(self):
        provider.down()
        self.start(secret())
        self.publisher.publish(200)
        self.state("blocked", "Connection refused")
        provider.up()
        self.everything_arrives()

    def test_a_key_that_is_rotated(self):
        self.start(secret())
        self.publisher.publish(100)
        self.everything_arrives()
        provider.rotate()
        kafka.stop()
        self.publisher.publish(100)
        kafka.start()  # knows the new key only, and the token is of the old one for another hour
        self.everything_arrives(most_repeats=100)
        self.assertGreaterEqual(len(provider.asked), 2)

    def test_a_wrong_audience_is_named_and_the_right_one_heals(self):
        provider.audience = "billing"
        self.start(secret())
        self.publisher.publish(100)
        self.state("blocked", "the token is not taken by a broker", "audience billing", "sasl.oauthbearer.expected")
        found = self.checks()
        self.assertEqual((found["token"]["grade"], found["kafka"]["grade"]), ("ok", "fault"))
        self.assertIn("audience billing, issuer https://identity.test, subject alice", found["kafka"]["text"])
        provider.audience = "kafka"
        self.everything_arrives()

    def test_what_a_provider_may_answer_instead(self):
        self.make(secret())
        for answer, words in (((401, {"error": "invalid_client"}), "check sasl.oauthbearer.client.id and .client.secret"),
                              ((200, "<html>welcome</html>"), "no JSON object: check sasl.oauthbearer.token.endpoint.url"),
                              ((200, {"token": "x"}), "without an access_token"),
                              ((404, "nothing"), "check sasl.oauthbearer.token.endpoint.url"),
                              ((503, "busy"), "cannot serve just now (HTTP 503)")):
            provider.answer = answer
            found = self.checks("--timeout", "3s")["token"]
            self.assertEqual(found["grade"], "fault", found)
            self.assertIn(words, found["text"])
        provider.answer, provider.not_before, provider.clock = None, 600, 7200
        found = self.checks("--timeout", "3s")["token"]
        self.assertIn("the token expired 60 min ago by the clock of the identity provider", found["text"])
        provider.clock = 0
        self.assertIn("not yet valid: only in", self.checks("--timeout", "3s")["token"]["text"])

    def test_a_secret_that_is_said_back_is_not_printed(self):
        wrong = "hunter2-of-the-weather"
        self.start(secret(**{"sasl.oauthbearer.client.secret": wrong,
                             "sasl.oauthbearer.client.authentication": "client_secret_post"}))
        self.publisher.publish(1)
        self.state("blocked", "invalid_client", "***")
        self.nobody_says(wrong)


    def test_a_clock_that_is_wrong_by_a_year_and_then_set(self):
        gateway = self.make(secret())
        wall = gateway.folder / "wall"
        wall.write_text(str(400 * 86400))
        gateway.process.command = ["env", f"LD_PRELOAD={os.environ['WEATHER_WRONG_CLOCK']}", f"WRONG_CLOCK_FILE={wall}",
                                   *gateway.process.command]
        gateway.start()
        self.publisher.publish(50)
        self.everything_arrives()
        self.assertIn("this machine's clock is 400 days ahead of the identity provider's", self.token()["note"])
        wall.write_text("0")
        suite.wait_for(lambda: self.token()["note"] == "", self.token)
        self.assertEqual(self.token()["state"], "fresh")
        self.publisher.publish(50)
        self.everything_arrives()

    def test_whatever_goes_to_kafka_has_the_token(self):
        """The fleet's topic and a replay have producers of their own; a second route logs in with another token."""
        for topic in ("fleet", "again", self.topic + "-two"):
            kafka.create_topic(topic)
            kafka.allow_write("alice", topic)
        self.start(secret(), extra=f"""
[fleet]
topic = "fleet"
interval = "1s"
[[route]]
name = "kafka"
[[route]]
name = "two"
topic = "{self.topic}-two"
properties = {{ "sasl.oauthbearer.scope" = "another" }}
""")
        self.publisher.publish(50)
        self.everything_arrives()
        kafka.wait_for_count(self.topic + "-two", 50)
        kafka.wait_for_count("fleet", 1)
        self.assertEqual(len(self.gateway.status()["tokens"]), 2)
        self.assertEqual({asked["scope"] for asked in provider.asked}, {"weather read", "another"})
        replayed = self.ran("replay", "-c", self.gateway.config, "--route", "kafka", "--since", "1h", "--topic", "again")
        self.assertEqual(replayed.returncode, 0, replayed.stderr)
        kafka.wait_for_count("again", 50)


class OtherProofs(WithProvider):
    def test_a_key_signs_instead_of_a_secret(self):
        for algorithm in ("RS256", "ES256"):
            for grant in ("client_credentials", identity.BEARER_GRANT):
                key = identity.new_key(algorithm)
                file = suite.folder("key") / "key.pem"
                file.write_text(identity.private_pem(key))
                provider.assertion_key = key.public_key()
                self.make(login(**{"sasl.oauthbearer.token.endpoint.url": provider.token_url,
                                   "sasl.oauthbearer.client.id": "alice", "sasl.oauthbearer.grant.type": grant,
                                   "sasl.oauthbearer.assertion.algorithm": algorithm,
                                   "sasl.oauthbearer.assertion.private.key.file": file}))
                found = self.checks()
                self.assertEqual((found["token"]["grade"], found["kafka"]["grade"]), ("ok", "ok"), (algorithm, grant, found))
                provider.assertion_key = identity.new_key(algorithm).public_key()
                found = self.checks("--timeout", "3s")
                self.assertIn("that the provider knows the key", found["token"]["text"])

    def test_a_token_of_a_file_that_is_replaced(self):
        file = suite.folder("token") / "token"

        def write(token):
            fresh = file.with_suffix(".new")
            fresh.write_text(token + "\n")
            fresh.rename(file)
        self.start(login(**{"sasl.oauthbearer.token.endpoint.url": f"file://{file}"}))
        self.publisher.publish(50)
        self.state("blocked", f"{file} cannot be read (No such file or directory)")
        write(provider.token(life=SHORT))
        self.everything_arrives()
        self.publisher.publish(50)
        suite.wait_for(lambda: self.token()["state"] == "blocked", lambda: self.token())
        self.assertIn("by this machine's clock, and", self.token()["reason"])
        self.publisher.publish(50)
        self.state("blocked", "was not replaced: look at who renews it")
        write(provider.token())
        self.everything_arrives()
        self.assertEqual(self.token()["state"], "fresh")

    def test_a_provider_over_tls_with_an_authority_of_its_own(self):
        issued = kafka.folder / "tls"
        over_tls = Identity(tls=(issued / "broker.crt", issued / "broker.key"))
        settings = secret(**{"sasl.oauthbearer.token.endpoint.url": over_tls.token_url})
        self.make(settings)
        self.assertIn("check its certificate, its name and https.ca.location", self.checks("--timeout", "3s")["token"]["text"])
        self.make({**settings, "https.ca.location": certificates.ca})
        self.assertEqual(self.checks("--timeout", "3s")["token"]["grade"], "ok")

    def test_without_a_source_it_is_refused_before_it_starts(self):
        self.make(login())
        checked = self.ran("check", "--offline", "-c", self.gateway.config)
        self.assertEqual(checked.returncode, 78, checked.stdout)
        self.assertIn("needs a token: set sasl.oauthbearer.token.endpoint.url", checked.stderr)

    def test_a_pasted_file_of_the_java_client(self):
        pasted = f"""\
bootstrap.servers={sasl}
security.protocol=SASL_SSL
ssl.truststore.type=PEM
ssl.truststore.location={certificates.ca}
sasl.mechanism=OAUTHBEARER
sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler
sasl.login.connect.timeout.ms=10000
sasl.oauthbearer.token.endpoint.url={provider.token_url}
sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \\
    clientId="alice" clientSecret="{provider.secret}" scope="weather";
"""
        self.make({})
        (self.gateway.folder / "client.properties").write_text(pasted)
        self.gateway.start()
        self.publisher.publish(100)
        self.everything_arrives()
        file = self.gateway.folder / "client.properties"
        produced = self.ran("produce", "--config", file, "--topic", self.topic, "--key", "k", "--value", "v")
        self.assertRegex(produced.stdout, rf"{self.topic}: partition \d, offset \d+", produced.stderr)
        kafka_admin.allow(kafka.bootstrap, "alice", "weather-gateway-consume", kafka_admin.READ, kafka_admin.GROUP)
        consumed = self.ran("consume", "--config", file, "--topic", self.topic, "--from-beginning", "--count", "101")
        self.assertEqual(len(consumed.stdout.splitlines()), 101, consumed.stderr)


if __name__ == "__main__":
    suite.main()
