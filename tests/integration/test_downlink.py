"""Signed messages through Kafka: taken, refused, tried and taken back, over kills, for one gateway and for five hundred."""

import json
import socket
import subprocess
import time
import unittest

from harness import json_schema, suite
from harness.gateway import Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import Publisher

SAID = "weather-gateway-status"  # the fleet's topic


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    mosquitto = Mosquitto().start()
    kafka.create_topic(SAID, cleanup_policy="compact")


class Centre:
    """Who has the key, and a topic of its own to speak in."""

    def __init__(self, topic):
        self.topic = topic
        self.folder = suite.folder("centre")
        self.key = self.folder / "centre.pem"
        made = run("fleet", "keygen", "--key", self.key)
        assert made.returncode == 0, made.stderr
        self.keys = made.stdout
        self.properties = self.folder / "client.properties"
        self.properties.write_text(f"bootstrap.servers={kafka.bootstrap}\n")
        kafka.create_topic(topic, cleanup_policy="compact")

    def gateway(self, extra="", group="north", clock=True, confirm_within="10m"):
        """One that listens to it."""
        topic = f"{self.topic}-readings"
        kafka.create_topic(topic)
        timesync = suite.folder("timesync")
        gateway = Gateway(mosquitto, kafka.bootstrap, topic, f"""
[fleet]
topic = "{SAID}"
interval = "2s"
[clock]
synchronised_file = "{timesync}/synchronized"
hold = "0s"
[downlink]
topic = "{self.topic}"
group = "{group}"
confirm_within = "{confirm_within}"
{extra}
{self.keys}
""")
        gateway.synchronised = timesync / "synchronized"
        if clock:
            gateway.synchronised.touch()
        return gateway.start()

    def send(self, to, *what, code=0):
        done = run("fleet", "send", "--config", self.properties, "--topic", self.topic, "--key", self.key, "--to", to, "--json", *what)
        assert done.returncode == code, done.stdout + done.stderr
        return json_schema.check("fleet send", done.stdout) if code == 0 else done

    def set(self, to, name, text, *more):
        file = self.folder / f"{name}.toml"
        file.write_text(text)
        return self.send(to, "--set", name, "--file", file, *more)

    def status(self):
        done = run("fleet", "status", "--config", self.properties, "--topic", self.topic, "--fleet-topic", SAID, "--json")
        assert done.returncode == 0, done.stderr
        return json_schema.check("fleet status", done.stdout)["messages"]

    def answer(self, sent, gateway):
        """What became of a message at a gateway: its outcome and the reason."""
        for message in self.status():
            if (message["serial"], message["to"]) == (sent["serial"], sent["to"]):
                for one in message["gateways"]:
                    if one["gateway"] == gateway.id:
                        return one["outcome"], one["reason"]
        return None, None

    def wait(self, sent, gateway, *outcomes, seconds=suite.WAIT_SECONDS):
        last = None

        def answered():
            nonlocal last
            last = self.answer(sent, gateway)
            return last[0] in outcomes
        suite.wait_for(answered, lambda: f"{sent}: {last}; {gateway.process.output()[-3000:]}", seconds, every=0.5)
        return last[1]

    def put(self, *values):
        """Puts bytes into the topic as anybody may who can write to it."""
        for number, value in enumerate(values):
            file = self.folder / f"raw-{number}"
            file.write_bytes(value)
            subprocess.run(["kcat", "-P", "-b", kafka.bootstrap, "-t", self.topic, "-p", "0", "-k", f"raw-{number}", file],
                           check=True, timeout=60)

    def records(self):
        return [record.value.encode() for record in kafka.records(self.topic)]


def downlink(gateway):
    return gateway.status()["downlink"]


def publish(count):
    publisher = Publisher(mosquitto)
    publisher.publish(count)
    publisher.wait_for_acknowledgements()
    publisher.close()


class OneGateway(unittest.TestCase):
    def start(self, topic, **options):
        self.centre = Centre(topic)
        gateway = self.centre.gateway(**options)
        self.addCleanup(gateway.kill9)
        return gateway

    def test_a_drop_in_is_tried_kept_over_a_start_and_taken_out_again(self):
        gateway = self.start("kept")
        sent = self.centre.set(gateway.id, "slow", "[backlog]\nmax_rate = 40\n")
        self.centre.wait(sent, gateway, "committed")
        self.assertEqual(downlink(gateway)["drop_ins"], ["slow"])
        self.assertEqual(gateway.route()["allowed_per_second"], 40)
        self.assertIn("downlink.json#slow", run("config", "show", "-c", gateway.config).stdout)
        gateway.kill9()
        gateway.start()
        self.assertEqual(gateway.route()["allowed_per_second"], 40)
        self.centre.wait(self.centre.send("group:north", "--remove", "slow"), gateway, "committed")
        self.assertEqual(downlink(gateway)["drop_ins"], [])
        self.assertEqual(gateway.route()["allowed_per_second"], 0)
        self.assertEqual((downlink(gateway)["committed"], downlink(gateway)["reverted"]), (1, 0))

    def test_with_a_wrong_broker_it_comes_back_by_itself_and_no_reading_is_lost(self):
        gateway = self.start("reverted", confirm_within="10s")
        publish(50)
        kafka.wait_for_count("reverted-readings", 50)
        sent = self.centre.set("all", "away", '[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
        suite.wait_for(lambda: downlink(gateway)["on_trial"], gateway.process.output)
        publish(100)
        reason = self.centre.wait(sent, gateway, "reverted")
        self.assertIn("Kafka was not confirmed in time", reason)
        kafka.wait_for_count("reverted-readings", 150)
        self.assertEqual(downlink(gateway)["drop_ins"], [])
        self.assertEqual(kafka.count("reverted-readings"), 150)

    def test_what_cannot_be_taken_over_or_started_with_is_taken_back(self):
        gateway = self.start("started")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            sent = self.centre.set(gateway.id, "door", f'[[http]]\nlisten = "127.0.0.1:{taken.getsockname()[1]}"\n')
            self.assertNotIn("not confirmed in time", self.centre.wait(sent, gateway, "reverted"))
        self.centre.set(gateway.id, "away", '[kafka]\ntopic = "clash"\n[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
        suite.wait_for(lambda: downlink(gateway)["on_trial"], gateway.process.output)
        gateway.kill9()
        # Somebody changes the files by hand; with the drop-in they are faulty now.
        gateway.config.write_text(gateway.config.read_text().replace(f'topic = "{SAID}"', 'topic = "clash"'))
        gateway.start()
        self.assertEqual(downlink(gateway)["drop_ins"], [])
        self.assertIn("the drop-in on trial is taken back: the gateway does not start with it", gateway.process.output())

    def test_a_kept_drop_in_with_which_it_no_longer_starts_is_left_out_until_it_is_removed(self):
        gateway = self.start("upgraded")
        door = f'[[udp]]\nlisten = "127.0.0.1:{suite.free_port()}"\n'
        self.centre.wait(self.centre.set(gateway.id, "slow", "[backlog]\nmax_rate = 40\n"), gateway, "committed")
        self.centre.wait(self.centre.set(gateway.id, "door", door), gateway, "committed")
        gateway.kill9()
        with gateway.config.open("a") as file:
            file.write(door)
        gateway.start()
        self.assertIn("none of its drop-ins is in force", downlink(gateway)["trouble"])
        self.assertEqual(gateway.route()["allowed_per_second"], 0)
        self.centre.wait(self.centre.send(gateway.id, "--remove", "door"), gateway, "committed")
        self.assertEqual(downlink(gateway)["trouble"], "")
        self.assertEqual(gateway.route()["allowed_per_second"], 40)

    def test_a_drop_in_that_cannot_be_used_is_refused_before_it_is_tried(self):
        gateway = self.start("faulty")
        for name, text, why in (("key", "[kafka]\ntopik = 1\n", "unknown key"), ("log", "[log]\nmax_bytes = \"64MiB\"\n", "only a new start"),
                                ("self", "[downlink]\nallow = []\n", "only a new start"), ("toml", "[kafka", "downlink.json#toml")):
            self.assertIn(why, self.centre.wait(self.centre.set(gateway.id, name, text), gateway, "refused"))
        self.assertEqual(downlink(gateway)["refused"]["faulty"], 4)
        self.assertEqual(downlink(gateway)["drop_ins"], [])

    def test_what_is_forged_replayed_foreign_and_stale_is_refused_and_counted(self):
        gateway = self.start("refused")
        self.centre.wait(self.centre.send(gateway.id, "--reload"), gateway, "done")
        good = self.centre.records()[-1]
        self.centre.send("pi-elsewhere", "--reload")
        line, payload = good.split(b"\n", 1)
        forged = [line + b"\n" + payload.replace(b'"serial":1', b'"serial":2'),
                  line.replace(b" centre ", b" mallory ") + b"\n" + payload, b"reload", good[:-1]]
        self.assertEqual(len({good, *forged}), 5)
        self.centre.put(good, *forged)
        last = self.centre.send(gateway.id, "--reload")
        self.centre.wait(last, gateway, "done")
        counts = downlink(gateway)["refused"]
        self.assertEqual({name: count for name, count in counts.items() if count},
                         {"replayed": 1, "foreign": 1, "forged": 2, "unknown_key": 1, "malformed": 1})
        self.assertEqual(downlink(gateway)["taken"], 2)
        gateway.terminate()
        stale = self.centre.send(gateway.id, "--log-level", "debug", "--expires", "1s")
        time.sleep(2.5)  # its time, and none of the program's
        gateway.start()
        self.assertIn("stale", self.centre.wait(stale, gateway, "refused"))
        self.assertEqual(downlink(gateway)["taken"], 0)

        def told():
            return {json.loads(record.value)["reason"].split(":")[0] for record in kafka.records(SAID)
                    if record.key.startswith(f"{gateway.id}/downlink/refused/")}
        suite.wait_for(lambda: told() >= {"forged", "replayed", "unknown_key", "malformed"}, lambda: f"the audit: {told()}", every=0.5)

    def test_what_is_not_allowed_is_refused(self):
        gateway = self.start("allowed", extra='allow = ["reload"]')
        self.centre.wait(self.centre.send(gateway.id, "--drain", "10s"), gateway, "refused")
        self.centre.wait(self.centre.set(gateway.id, "x", "[backlog]\nmax_rate = 40\n"), gateway, "refused")
        self.centre.wait(self.centre.send(gateway.id, "--reload"), gateway, "done")

    def test_actions_are_carried_out(self):
        gateway = self.start("actions")
        publish(20)
        kafka.wait_for_count("actions-readings", 20)
        self.centre.wait(self.centre.send(gateway.id, "--drain", "30s"), gateway, "done")
        self.centre.wait(self.centre.send(gateway.id, "--replay", "1"), gateway, "done")
        self.assertEqual(kafka.count("actions-readings"), 40)
        self.assertIn("no route", self.centre.wait(self.centre.send(gateway.id, "--replay", "1", "--route", "nowhere"), gateway, "failed"))
        self.centre.wait(self.centre.send(gateway.id, "--log-level", "debug", "--for", "1h"), gateway, "done")
        self.centre.send(gateway.id, "--drain", "10s", "--reload", code=64)

    def test_a_bundle_comes_through_the_fleets_topic_without_secrets(self):
        gateway = self.start("bundle")
        self.centre.wait(self.centre.send(gateway.id, "--bundle"), gateway, "done")
        found = [json.loads(record.value) for record in kafka.records(SAID) if record.key == f"{gateway.id}/downlink/gateway:{gateway.id}/bundle/content"]
        self.assertEqual([(one["gateway"], one["event"]) for one in found], [(gateway.id, "bundle")])
        json_schema.check("status", json.dumps(found[0]["status"]))
        self.assertIn(f"gateway.id = '{gateway.id}'", found[0]["configuration"])

    def test_without_a_clock_nothing_is_taken_and_nothing_passed(self):
        gateway = self.start("clock", clock=False)
        sent = self.centre.send(gateway.id, "--reload")
        suite.wait_for(lambda: downlink(gateway)["doing"] == "waiting for a clock that is right", gateway.process.output)
        self.assertEqual(self.centre.answer(sent, gateway)[0], "open")
        gateway.synchronised.touch()
        self.centre.wait(sent, gateway, "done")

    def test_a_topic_that_nobody_has_made_yet_is_no_harm(self):
        gateway = self.start("later")
        self.assertEqual(downlink(gateway)["taken"], 0)
        off = Gateway(mosquitto, kafka.bootstrap, "later-readings").start()
        self.addCleanup(off.kill9)
        self.assertIsNone(downlink(off))


class Killed(unittest.TestCase):
    def test_at_any_moment_a_kill_neither_repeats_an_action_nor_leaves_what_was_not_confirmed(self):
        random = suite.seeded_random()
        centre = Centre("killed")
        gateway = centre.gateway(confirm_within="10s")
        self.addCleanup(gateway.kill9)
        publish(10)
        kafka.wait_for_count("killed-readings", 10)
        sent = [(centre.send(gateway.id, "--replay", "1"), "replay")]
        for number in range(3):
            bad = number == 1
            text = '[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n' if bad else f"[backlog]\nmax_rate = {100 + number}\n"
            sent.append((centre.set(gateway.id, "away" if bad else f"good-{number}", text), "bad" if bad else "good"))
        for _ in range(12):
            time.sleep(random.uniform(0, 1.5))  # a kill anywhere: in a trial, at its end, in a start
            gateway.kill9()
            gateway.start(wait=False)
        gateway.answers()
        for one, kind in sent:
            expected = {"replay": ("done", "failed"), "good": ("committed", "reverted"), "bad": ("reverted",)}[kind]
            centre.wait(one, gateway, *expected, seconds=120)
        self.assertNotIn("away", downlink(gateway)["drop_ins"])
        committed = {one["subject"].removeprefix("config/") for one, kind in sent
                     if kind == "good" and centre.answer(one, gateway)[0] == "committed"}
        self.assertEqual(set(downlink(gateway)["drop_ins"]), committed)
        # An action is carried out once at most: ten records, and ten more of the one replay. What was under way at
        # a kill may come twice, with the same id.
        again = [record for record in kafka.records("killed-readings") if ("ce_replay", "1") in record.headers]
        self.assertLessEqual(len(again), 10)
        publish(10)
        kafka.wait_for_count("killed-readings", 20)


class Fleet(unittest.TestCase):
    def test_five_hundred_gateways_are_one_line_and_each_is_named(self):
        centre = Centre("fleet-orders")
        gateways = [centre.gateway(group=group) for group in ("north", "north", "south")]
        for gateway in gateways:
            self.addCleanup(gateway.kill9)
        wanted = centre.set("group:north", "slow", "[backlog]\nmax_rate = 40\n")
        for gateway in gateways[:2]:
            centre.wait(wanted, gateway, "committed")
        real = next(json.loads(record.value) for record in kafka.records(SAID)
                    if record.key == f"{gateways[0].id}/downlink/group:north/config/slow"
                    and json.loads(record.value)["event"] == "committed")
        beat = next(json.loads(record.value) for record in kafka.records(SAID) if record.key == gateways[0].id)
        events = ["committed", "reverted", "trial", "refused", None]
        lines = []
        for number in range(500):
            name, event = f"sim-{number:03}", events[number % len(events)]
            lines.append((name, {**beat, "gateway": name}))
            if event:
                lines.append((f"{name}/downlink/group:north/config/slow", {**real, "gateway": name, "event": event}))
        subprocess.run(["kcat", "-P", "-b", kafka.bootstrap, "-t", SAID, "-K", "\t"], check=True, timeout=120, text=True,
                       input="".join(f"{key}\t{json.dumps(value)}\n" for key, value in lines))
        begun = time.monotonic()
        [message] = centre.status()
        print(f"fleet status over {len(message['gateways'])} gateways: {time.monotonic() - begun:.2f} s", flush=True)
        north = 2 + 500
        self.assertEqual(len(message["gateways"]), north)
        self.assertEqual({name: count for name, count in message["counts"].items() if count},
                         {"committed": 102, "reverted": 100, "trial": 100, "refused": 100, "open": 100})
        shown = run("fleet", "status", "--config", centre.properties, "--topic", centre.topic, "--fleet-topic", SAID, "--gateways").stdout
        self.assertRegex(shown, r"group:north/config/slow +502 +102 +100 +200 +0 +100\n")
        self.assertEqual(shown.count("\n    sim-"), 400)


if __name__ == "__main__":
    suite.main()
