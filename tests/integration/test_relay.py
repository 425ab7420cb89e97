"""Gateways that relay to another one, and through it to Kafka.

The promise: what a sending gateway has acknowledged reaches Kafka through the other one with the identity, the order, the times and
the headers it would have had if it were sent straight; it is once in the receiver's log, whatever ends whom at which moment.
"""

import collections
import json
import re
import threading
import time
import unittest
import urllib.error
import urllib.request

from harness import expect, suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka, headers
from harness.mosquitto import Mosquitto
from harness.proxy import Proxy
from harness.publisher import Publisher
from harness.relay import TOKEN, Tls

KILLS = 10


def setUpModule():
    global kafka, tls
    kafka = Kafka().start()
    tls = Tls(suite.folder("tls"))


def site_gateway(topic, port=None, tokens=True, more=""):
    """The receiver, with the port that takes relayed readings."""
    port = port or suite.free_port()
    gateway = Gateway(None, kafka.bootstrap, topic, f"""
[[http]]
listen = "127.0.0.1:{port}"
relay = true
client_ca_file = "{tls.ca}"
{tls.server}{f'tokens_file = "{tls.tokens}"' if tokens else ''}
{more}""")
    gateway.port = port
    return gateway


def relay(port, name="site", login=None, more=""):
    """A route to the gateway there."""
    login = f'token_file = "{tls.token}"\n' if login is None else login
    return f"""
[[route]]
name = "{name}"
to = "https://127.0.0.1:{port}"
ca_file = "{tls.ca}"
{login}{more}"""


def dumped(gateway):
    """The ids in the log of the stopped gateway, in its order."""
    done = run("log", "dump", gateway.data, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


def sent_as(record):
    """All that a consumer sees of it but for its place, and for whether it was late."""
    return record.key, record.value, record.timestamp_ms, {name: value for name, value in headers(record).items() if name != "ce_backfill"}


class Relayed(unittest.TestCase):
    def once_in_the_log(self, receiver):
        ids = collections.Counter(dumped(receiver))
        twice = {identity: count for identity, count in ids.items() if count > 1}
        self.assertEqual(twice, {}, f"{len(twice)} records are in the receiver's log more than once")
        return set(ids)

    def as_if_sent_straight(self, straight, relayed):
        """Of each id the same record on both ways."""
        self.maxDiff = None
        first = {headers(record)["ce_id"]: sent_as(record) for record in straight}
        second = {headers(record)["ce_id"]: sent_as(record) for record in relayed}
        self.assertEqual(sorted(first), sorted(second))
        different = [identity for identity in first if first[identity] != second[identity]]
        for identity in different[:1]:
            self.assertEqual(first[identity], second[identity])
        self.assertEqual(different, [])


class ThreeSenders(Relayed):
    """Under load, with kills of everybody and a network that swallows packets."""

    def test_everything_once_in_order_and_as_if_sent_straight(self):
        random = suite.seeded_random()
        for topic in ("straight", "relayed"):
            kafka.create_topic(topic, partitions=3)
        receiver = site_gateway("relayed")
        link = Proxy(receiver.port)
        routes = [relay(link.port), relay(receiver.port, login=tls.issue("pi")), relay(receiver.port)]
        brokers = [Mosquitto().start() for _ in routes]
        senders = [Gateway(broker, kafka.bootstrap, "straight", route + '\n[[route]]\nname = "straight"\n')
                   for broker, route in zip(brokers, routes)]
        receiver.start(wait=False)
        for sender in senders:
            sender.start()
        stop = threading.Event()
        publishers = [Publisher(broker, sensors=3, in_flight=500, prefix=f"of{n}") for n, broker in enumerate(brokers)]

        def load(publisher):
            while not stop.is_set():
                publisher.publish(10, rate=100)
        stations = [threading.Thread(target=load, args=(publisher,)) for publisher in publishers]
        for station in stations:
            station.start()
            self.addCleanup(station.join)
        self.addCleanup(stop.set)

        for kill in range(KILLS):
            time.sleep(random.uniform(0.1, 1.5))  # a kill anywhere: in a start, a batch or an answer
            receiver.kill9()
            if kill % 3 == 0:
                link.blackhole()
            victim = random.choice(senders)
            victim.kill9()
            time.sleep(random.uniform(0, 0.5))  # the others go on without it
            victim.start(wait=False)
            receiver.start(wait=False)
            if kill % 3 == 0:
                time.sleep(random.uniform(0, 1))  # the line is black for so long
                random.choice([link.reset, link.half_open])()
                link.heal()
        stop.set()
        for station in stations:
            station.join()
        for publisher in publishers:
            publisher.wait_for_acknowledgements()
        for sender in senders:
            suite.wait_for(lambda sender=sender: all(route["waiting"] == 0 and route["state"] == "online"
                                                     for route in sender.status()["kafka"]), "all is sent", 120)
        suite.wait_for(lambda: receiver.route()["waiting"] == 0, "all is sent on", 120)
        relayed, straight = kafka.records("relayed"), kafka.records("straight")
        acknowledged = {sensor: numbers for publisher in publishers for sensor, numbers in publisher.acknowledged.items()}
        expect.everything_arrived(self, relayed, acknowledged)
        repeats = expect.same_reading_same_id(self, relayed)
        self.as_if_sent_straight(straight, relayed)
        senders_said = receiver.get("/metrics")
        for sender in senders:
            self.assertRegex(senders_said, rf'weather_gateway_relay_records_total{{[^}}]*gateway="{sender.id}"[^}}]*}} \d+')
        for gateway in (*senders, receiver):
            self.assertEqual(gateway.terminate()[0], 0)
            verified = gateway.verify_log()
            self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        here = self.once_in_the_log(receiver)
        self.assertEqual({headers(record)["ce_id"] for record in relayed}, here)
        again = [int(number) for number in re.findall(r"weather_gateway_relay_repeats_total{[^}]*} (\d+)", senders_said)]
        print(f"{KILLS} kills of each side, {sum(map(len, acknowledged.values()))} acknowledged, {len(here)} records in the receiver's "
              f"log, {sum(again)} sent to it again since its last start, {repeats} repeats in Kafka by id", flush=True)


class OneSender(Relayed):
    def sender_and_receiver(self, topic, login=None, more_of_sender="", **receiver_options):
        kafka.create_topic(topic)
        receiver = site_gateway(topic, **receiver_options)
        sender = Gateway(None, kafka.bootstrap, "unused", relay(receiver.port, login=login) + more_of_sender)
        return sender, receiver

    def test_a_receiver_that_was_away_all_the_time_gets_all_when_it_comes(self):
        sender, receiver = self.sender_and_receiver("away")
        sender.start(wait=False).answers()
        sender.send(range(3000))
        suite.wait_for(lambda: sender.route("site")["state"] == "offline", "the sender says it is offline")
        self.assertIn("no connection to 127.0.0.1", sender.route("site")["reason"])
        self.assertEqual(sender.route("site")["delivered"], 0)
        receiver.start(wait=False)
        kafka.wait_for_count("away", 3000)
        suite.wait_for(lambda: sender.route("site")["state"] == "online", "the sender is online")
        self.assertEqual(sender.route("site")["delivered"], 3000)
        self.assertEqual(expect.numbers_by_sensor(kafka.records("away"))["roof"], list(range(3000)))

    def test_sensors_are_shown_with_their_gateway_also_after_a_restart(self):
        sender, receiver = self.sender_and_receiver("shown")
        receiver.start(wait=False)
        sender.start(wait=False).answers()
        sender.send(range(3))
        receiver.send(range(2), sensor="own")

        def shown():
            return {sensor["id"] for sensor in json.loads(run("sensors", "--json", "-c", receiver.config).stdout)["sensors"]}
        name = f"{sender.id}/roof"
        suite.wait_for(lambda: {name, "own"} <= shown(), lambda: f"both sensors: {shown()}")
        self.assertIn(name, receiver.get("/"))
        receiver.kill9()
        receiver.start(wait=False).answers()
        self.assertLessEqual({name, "own"}, shown())

    def test_on_one_machine_it_goes_without_tls_and_survives_a_restart_in_between(self):
        kafka.create_topic("plain")
        port = suite.free_port()
        receiver = Gateway(None, kafka.bootstrap, "plain", f'[[http]]\nlisten = "127.0.0.1:{port}"\nrelay = true\n').start(wait=False)
        sender = Gateway(None, kafka.bootstrap, "unused", f'[[route]]\nname = "site"\nto = "http://127.0.0.1:{port}"\n').start(wait=False)
        sender.answers()
        for start in range(0, 300, 100):
            sender.send(range(start, start + 100))
            kafka.wait_for_count("plain", start + 100)
            receiver.terminate()
            receiver.start(wait=False).answers()
        self.assertEqual(expect.numbers_by_sensor(kafka.records("plain"))["roof"], list(range(300)))

    def test_who_is_not_let_in_is_told_why_and_loses_nothing(self):
        wrong = suite.folder("wrong") / "token"
        wrong.write_text("another\n")
        wrong.chmod(0o600)
        sender, receiver = self.sender_and_receiver("let-in", login=f'token_file = "{wrong}"\n')
        receiver.start(wait=False)
        sender.start(wait=False).answers()
        sender.send(range(20))
        suite.wait_for(lambda: sender.route("site")["state"] == "blocked", lambda: f"blocked: {sender.route('site')}")
        self.assertIn("HTTP 401", sender.route("site")["reason"])
        checked = run("check", "-c", sender.config)
        self.assertIn("HTTP 401", checked.stdout)
        self.assertIn("token_file", checked.stdout)
        wrong.write_text(TOKEN + "\n")
        run("retry", "-c", sender.config)
        kafka.wait_for_count("let-in", 20)
        suite.wait_for(lambda: sender.route("site")["state"] == "online", lambda: f"online: {sender.route('site')}")
        self.assertEqual(sender.status()["dead_letters"]["open"], 0)
        self.assertIn("takes what is relayed to it", run("check", "-c", sender.config).stdout)

    def test_check_says_which_hop_failed(self):
        sender, receiver = self.sender_and_receiver("hops")
        config = sender.config.read_text()

        def checked(old, new):
            sender.config.write_text(config.replace(old, new))
            found = json.loads(run("check", "--json", "--timeout", "2s", "-c", sender.config).stdout)
            return next(one for one in found["checks"] if one["check"].startswith("relay"))
        place = f"127.0.0.1:{receiver.port}"
        self.assertIn("no connection to", checked("@", "@")["text"])
        receiver.start(wait=False).answers()
        self.assertEqual(checked("@", "@")["grade"], "ok")
        self.assertIn("cannot be looked up", checked(place, "no-such-host.invalid:8443")["text"])
        unknown = checked(str(tls.ca), str(tls.other_ca))
        self.assertIn("certificate", unknown["text"])
        self.assertIn("ca_file", unknown["todo"])
        self.assertIn("relay = true", checked(place, f"127.0.0.1:{receiver.port}/elsewhere")["text"])

    def test_what_is_too_large_becomes_a_dead_letter_and_holds_nothing_up(self):
        port = suite.free_port()
        sender, receiver = self.sender_and_receiver("large", more_of_sender=f'[[http]]\nlisten = "127.0.0.1:{port}"\n')
        receiver.start(wait=False).answers()
        sender.start(wait=False).answers()
        sender.send([0])
        request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/readings", json.dumps(
            {"id": "roof", "temperature": 1, "note": "x" * 250_000}).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual(answer.status, 202)
        sender.send([2])
        kafka.wait_for_count("large", 2)
        suite.wait_for(lambda: sender.status()["dead_letters"]["open"] == 1, "the dead letter")
        letter, = json.loads(run("dead-letters", "ls", "-c", sender.config, "--json").stdout)["dead_letters"]
        self.assertEqual((letter["route"], letter["reason"]), ("site", "too_large"))
        self.assertIn("larger than the receiver takes", letter["error"])
        self.assertEqual(expect.numbers_by_sensor(kafka.records("large"))["roof"], [0, 2])

    def test_a_replay_is_stored_once_more_under_the_same_ids(self):
        sender, receiver = self.sender_and_receiver("replay")
        receiver.start(wait=False).answers()
        sender.start(wait=False).answers()
        sender.send(range(50))
        kafka.wait_for_count("replay", 50)
        suite.wait_for(lambda: sender.route("site")["waiting"] == 0, "all is sent")
        replayed = run("replay", "-c", sender.config, "--route", "site", "--from", "1", "--to", "21")
        self.assertEqual(replayed.returncode, 0, replayed.stderr + replayed.stdout)
        kafka.wait_for_count("replay", 70)
        ids = collections.Counter(headers(record)["ce_id"] for record in kafka.records("replay"))
        self.assertEqual(sorted(ids.values()), [1] * 30 + [2] * 20)
        sender.send([50])
        kafka.wait_for_count("replay", 71)
        elsewhere = run("replay", "-c", sender.config, "--route", "site", "--from", "1", "--topic", "another")
        self.assertIn("decides on the topic", elsewhere.stderr + elsewhere.stdout)

    def test_a_loop_is_refused(self):
        kafka.create_topic("loop")
        first_port, second_port = suite.free_port(), suite.free_port()
        first = site_gateway("loop", first_port, more=relay(second_port))
        second = site_gateway("loop", second_port, more=relay(first_port))
        for gateway in (first, second):
            gateway.start(wait=False).answers()
        first.send(range(10))
        suite.wait_for(lambda: second.route("site")["state"] == "blocked", lambda: f"blocked: {second.route('site')}")
        self.assertIn("loop", second.route("site")["reason"])
        # The answer to the first may come behind what the second made of the records.
        suite.wait_for(lambda: first.route("site")["delivered"] >= 10, lambda: f"delivered: {first.route('site')}")
        self.assertEqual(first.route("site")["delivered"], 10)
        self.assertEqual(second.status()["log"]["appended"], 10)
        self.assertEqual(first.status()["log"]["appended"], 10)

    def test_a_chain_keeps_the_identity(self):
        kafka.create_topic("chain")
        kafka.create_topic("chain-straight")
        last = site_gateway("chain")
        middle = site_gateway("unused", more=relay(last.port))
        first = Gateway(None, kafka.bootstrap, "chain-straight", relay(middle.port) + '[[route]]\nname = "straight"\n')
        for gateway in (last, middle, first):
            gateway.start(wait=False).answers()
        first.send(range(500))
        kafka.wait_for_count("chain", 500)
        kafka.wait_for_count("chain-straight", 500)
        self.as_if_sent_straight(kafka.records("chain-straight"), kafka.records("chain"))
        self.assertIn(f"/weather-gateway/{first.id}", {headers(record)["ce_source"] for record in kafka.records("chain")})

    def test_a_full_receiver_puts_off_and_drops_nothing(self):
        sender, receiver = self.sender_and_receiver("full", more='[log]\nmax_bytes = "3MiB"\nsegment_bytes = "1MiB"\n')
        receiver.start(wait=False).answers()
        self.assertEqual(run("pause", "-c", receiver.config).returncode, 0)
        sender.start(wait=False).answers()
        for start in range(0, 24000, 4000):
            sender.send(range(start, start + 4000))
        suite.wait_for(lambda: sender.route("site")["state"] == "offline", lambda: f"put off: {sender.route('site')}", 120)
        self.assertIn("full", sender.route("site")["reason"])
        self.assertEqual(receiver.status()["log"]["dropped_oldest"], 0)
        self.assertEqual(run("resume", "-c", receiver.config).returncode, 0)
        kafka.wait_for_count("full", 24000, seconds=180)
        self.assertEqual(expect.numbers_by_sensor(kafka.records("full"))["roof"], list(range(24000)))
        self.assertEqual(receiver.status()["log"]["dropped_oldest"], 0)


class Door(unittest.TestCase):
    """What the receiver says to those who are no gateways."""

    @classmethod
    def setUpClass(cls):
        cls.port = suite.free_port()
        cls.plain = suite.free_port()
        cls.gateway = Gateway(None, kafka.bootstrap, "door", f"""
[[http]]
listen = "127.0.0.1:{cls.port}"
relay = true
tokens_file = "{tls.tokens}"
[[http]]
name = "plain"
listen = "127.0.0.1:{cls.plain}"
""").start(wait=False)
        cls.gateway.answers()

    def post(self, body, port=None, token=TOKEN, kind="application/vnd.weather-gateway.relay"):
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.port}/relay/v1/readings", body,
                                         {"Content-Type": kind, "Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def test_refusals_have_a_reason(self):
        self.assertEqual(self.post(b"x", token="wrong")[0], 401)
        self.assertEqual(self.post(b"x", kind="application/json")[0], 415)
        self.assertEqual(self.post(b"x")[1]["error"], "bad_batch")
        status, said = self.post(b"WGRELAY\x09" + bytes(64))
        self.assertEqual((status, said["error"]), (400, "unknown_version"))
        self.assertIn("this gateway knows 1", said["detail"])
        status, said = self.post(b"x", port=self.plain)
        self.assertEqual((status, said["error"]), (404, "no_relay"))

    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self):
        self.assertEqual(self.post(bytes(300_000))[0], 413)


class Settings(unittest.TestCase):
    def refused(self, extra, change=lambda text: text):
        gateway = Gateway(None, "127.0.0.1:1", "settings", extra)
        gateway.config.write_text(change(gateway.config.read_text()))
        checked = run("check", "--offline", "-c", gateway.config)
        self.assertEqual(checked.returncode, 78, checked.stdout)
        gateway.process.child = None
        return checked.stderr

    def test_what_does_not_go_together_is_refused_with_a_reason(self):
        self.assertIn("must begin with http", self.refused('[[route]]\nname = "a"\nto = "site:8443"\n'))
        self.assertIn("in that one's routes", self.refused('[[route]]\nname = "a"\nto = "https://site:8443"\ntopic = "t"\n'))
        self.assertIn("set route[0].to", self.refused('[[route]]\nname = "a"\nca_file = "/x"\n'))
        self.assertIn("use https://", self.refused('[[route]]\nname = "a"\nto = "http://site:8443"\ntoken_file = "/x"\n'))
        exactly = self.refused('[[route]]\nname = "a"\nto = "https://site:8443"\n',
                               lambda text: text.replace("[kafka]\n", '[kafka]\ndelivery = "exactly-once"\n'))
        self.assertIn("exactly once without", exactly)
        self.assertIn("needs to know who sends", self.refused('[[http]]\nlisten = "0.0.0.0:8681"\nrelay = true\n'))


if __name__ == "__main__":
    suite.main()
