"""What a person does with a running gateway: each command once, a reload, the service manager's view, a wrong clock."""

import json
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import tarfile
import time
import unittest

from harness import fair_clock, json_schema, suite
from harness.gateway import PROGRAM, Gateway, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.publisher import publish_one
from harness.terminal import Terminal

TOPIC = "topic_weather"
SECRET = "hunter2-never-shown"
UNAVAILABLE, TEMPORARY, CONFIG_ERROR = 69, 75, 78  # sysexits.h


def setUpModule():
    global kafka, mosquitto
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()


def publish(sensor, temperature, topic="weather/roof"):
    publish_one(mosquitto, topic, json.dumps({"id": sensor, "temperature": temperature}))


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # PLAINTEXT has no use for a password, so that this one can be looked for everywhere.
        cls.gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC, properties={"sasl.password": SECRET}).start()
        cls.addClassCleanup(cls.gateway.kill9)

    def command(self, *words, code=0, **options):
        done = run(*words, "-c", self.gateway.config, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_check_judges_the_machine_the_brokers_and_the_topic(self):
        checks = json_schema.check("check", self.command("check", "--json"))["checks"]
        found = {check["check"]: check for check in reversed(checks)}  # the first of a name
        for name in ("config", "kafka", "topic", "mqtt"):
            self.assertEqual(found[name]["grade"], "ok", found[name])
        for name in ("disk", "space", "fsync", "clock", "time zone", "watchdog", "permission"):
            self.assertIn(name, found)
        for check in checks:
            self.assertEqual(bool(check["todo"]), check["grade"] != "ok", check)
        self.assertEqual(self.command("doctor").count("\n"), len(checks))

    def test_check_finds_a_missing_topic_and_leaves_it_missing(self):
        other = Gateway(mosquitto, kafka.bootstrap, "no_such_topic")
        for _ in range(2):
            done = run("check", "-c", other.config)
            self.assertEqual(done.returncode, UNAVAILABLE, done.stdout)
            self.assertIn("no_such_topic does not exist", done.stdout)
        self.assertNotIn("kafka", run("check", "--offline", "-c", other.config).stdout)

    def test_check_takes_absent_brokers_for_what_they_are(self):
        lonely = Gateway(None, "127.0.0.1:1")
        done = run("check", "--timeout", "1s", "-c", lonely.config)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"warning  kafka +127.0.0.1:1 cannot be reached: .*Connection refused")
        self.assertRegex(done.stdout, r"warning  mqtt .*Connection refused")

    def test_status_in_words_as_json_and_for_a_monitoring_system(self):
        suite.wait_for(lambda: run("status", "--check", "-c", self.gateway.config).returncode == 0, "online")
        self.assertIn("Online", self.command("status"))
        json_schema.check("status", self.command("status", "--json"))
        json_schema.check("version", run("version", "--json").stdout)
        watching = subprocess.Popen([PROGRAM, "status", "--watch", "-c", self.gateway.config], stdout=subprocess.PIPE, text=True)
        self.assertIn("Online", watching.stdout.readline())
        watching.kill()
        watching.communicate()

    def test_status_of_no_gateway_is_unknown(self):
        done = run("status", "--check", "--socket", "/nowhere/control.sock")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no gateway is running there", done.stderr)
        self.assertEqual(run("status", "--socket", "/nowhere/control.sock").returncode, UNAVAILABLE)

    def test_sensors_and_tail_show_what_comes_in(self):
        tail = subprocess.Popen([PROGRAM, "tail", "--sensor", "attic", "-c", self.gateway.config], stdout=subprocess.PIPE,
                                text=True)
        self.addCleanup(tail.communicate)
        self.addCleanup(tail.kill)
        deadline = fair_clock.seconds() + 30
        while not select.select([tail.stdout], [], [], 0.5)[0]:  # it may not listen yet
            self.assertLess(fair_clock.seconds(), deadline)
            publish("cellar", 11)
            publish("attic", 31.5)
        line = tail.stdout.readline()
        self.assertIn("attic", line)
        self.assertIn("31.5", line)
        self.assertIn("attic", self.command("sensors"))
        self.assertIn("cellar", [sensor["id"] for sensor in json_schema.check("sensors", self.command("sensors", "--json"))["sensors"]])

    def test_top_without_a_terminal_prints_plain_screens(self):
        text = self.command("top", "--count", "2", "--interval", "100ms")
        self.assertEqual(text.count("SENSOR"), 2)
        self.assertNotIn("\x1b", text)

    def test_top_on_a_terminal_ends_with_q_and_heeds_no_color(self):
        for color in (True, False):
            with self.subTest(color=color):
                environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
                with Terminal("top", "-c", self.gateway.config, environment=environment | ({} if color else {"NO_COLOR": "1"})) as person:
                    shown = person.until("SENSOR") + person.until("q quit")
                    person.keys("q")
                    self.assertEqual(person.end(), 0)
                self.assertEqual(bool(re.search(r"\x1b\[3[123]m", shown)), color)

    def test_top_obeys_its_keys_and_leaves_the_terminal_as_it_was(self):
        publish("attic", 31.5)
        publish("cellar", 11)
        suite.wait_for(lambda: "cellar" in self.command("sensors"), "both sensors")
        with Terminal("top", "-c", self.gateway.config, environment=os.environ | {"NO_COLOR": "1"}) as person:
            person.until("attic")
            self.assertFalse(person.echoes())
            person.keys("/cell\x7flar")
            person.until("show only: cellar_")
            self.assertNotIn("attic", person.until("cellar +(ok|late)"))
            person.keys("\r")
            person.until('1 sensor with "cellar"')
            person.keys("s")
            person.until("by name")
            person.keys("\x1b[B\x1b[6~\x1bOH?")
            person.until("any key ends it")
            person.keys("x\x1b")
            person.until("attic")
            person.resize(60, 12)
            widest = max(map(len, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", person.until("(?s)q quit.*?q quit")).splitlines()))
            self.assertLessEqual(widest, 80)
            person.child.send_signal(signal.SIGTERM)
            self.assertEqual(person.end(), 0)
            self.assertTrue(person.shown.endswith("\x1b[?25h\x1b[?1049l"), person.shown[-40:])
            self.assertTrue(person.echoes())

    def test_sensors_is_a_table_for_people_and_exact_for_programs(self):
        publish("gable", 21.6111)
        suite.wait_for(lambda: "gable" in self.command("sensors"), "the sensor")
        text = self.command("sensors")
        self.assertRegex(text.splitlines()[0], r"^SENSOR +STATE +AGE +SOURCE +VALUE$")
        self.assertRegex(text, r"(?m)^gable +ok +\d+ s +mqtt:\S+ +temperature 21.6 °C")
        exact = json_schema.check("sensors", self.command("sensors", "--json"))["sensors"]
        (gable,) = [sensor for sensor in exact if sensor["id"] == "gable"]
        self.assertEqual(gable["value"]["temperature"], 21.6111)
        self.assertEqual(gable["units"], {"temperature": "°C"})
        self.assertRegex(gable["last_reading"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z$")
        with Terminal("sensors", "-c", self.gateway.config, columns=40) as person:
            self.assertEqual(person.end(), 0)
            for line in person.shown.splitlines():
                self.assertLessEqual(len(re.sub(r"\x1b\[[0-9;]*m", "", line)), 40, line)

    def test_pause_keeps_readings_and_resume_sends_them(self):
        before = kafka.count(TOPIC)
        self.assertIn("Paused", self.command("pause"))
        publish("paused", 1)
        suite.wait_for(lambda: json.loads(self.command("status", "--json"))["unsent"] > 0, "kept")
        self.assertEqual(run("status", "--check", "-c", self.gateway.config).returncode, 1)
        done = run("drain", "--timeout", "300ms", "-c", self.gateway.config)
        self.assertEqual(done.returncode, TEMPORARY, done.stdout + done.stderr)
        self.assertIn("still wait", done.stderr)
        self.command("resume")
        self.command("drain", "--timeout", "30s")
        self.assertGreater(kafka.count(TOPIC), before)

    def test_dead_letters_are_listed_shown_retried_and_dropped(self):
        publish_one(mosquitto, "weather/broken", "this is no reading")
        def listed():
            return json_schema.check("dead-letters ls", self.command("dead-letters", "ls", "--json"))["dead_letters"]
        letter = suite.wait_for(listed, "a dead letter")[0]
        self.assertIn("undecodable", self.command("dead-letters", "ls"))
        shown = self.command("dead-letters", "show", letter["id"])
        self.assertIn("this is no reading", shown)
        run("dead-letters", "retry", letter["id"], "-c", self.gateway.config)  # still no reading: may be refused
        self.command("dead-letters", "drop", letter["id"])
        self.assertNotIn(letter["id"], [left["id"] for left in listed()])

    def test_a_bundle_holds_what_helps_and_no_secret(self):
        file = self.gateway.folder / "bundle.tar.gz"
        self.assertEqual(self.command("bundle", "-o", file).strip(), str(file))
        with tarfile.open(file) as archive:
            texts = {member.name.split("/")[-1]: archive.extractfile(member).read().decode() for member in archive if member.isfile()}
        for name in ("version.json", "config.txt", "check.json", "status.json", "sensors.json", "metrics.txt", "log-stat.json",
                     "journal.txt", "system.txt", "dead-letters.json"):
            self.assertTrue(texts[name], name)
        self.assertEqual(json.loads(texts["status.json"])["gateway"]["id"], self.gateway.id)
        for name, text in texts.items():
            self.assertNotIn(SECRET, text, name)

    def test_no_output_shows_a_secret(self):
        for words in (["config", "show"], ["config", "show", "--all", "--origin"], ["status"], ["status", "--json"], ["check"]):
            self.assertNotIn(SECRET, self.command(*words))
        self.assertIn("<redacted>", self.command("config", "show"))
        self.assertNotIn(SECRET, self.gateway.process.output())


class Reload(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC).start()
        self.addCleanup(self.gateway.kill9)

    def rewrite(self, old, new):
        text = self.gateway.config.read_text()
        self.assertIn(old, text)
        self.gateway.config.write_text(text.replace(old, new))

    def reload(self, code=0):
        done = run("reload", "--json", "-c", self.gateway.config)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json_schema.check("reload", done.stdout)

    def test_a_paused_route_sends_nothing_when_its_settings_change(self):
        kafka.create_topic("paused_reload")
        self.rewrite(f'topic = "{TOPIC}"', 'topic = "paused_reload"')
        self.gateway.terminate()
        self.gateway.start()
        self.assertEqual(run("pause", "-c", self.gateway.config).returncode, 0)
        self.gateway.send(range(1000), "--no-wait")
        self.rewrite("[kafka]\n", "[kafka]\nwindow_records = 500\n")
        self.assertEqual(self.reload()["applied"], ["kafka"])
        time.sleep(3)  # nothing may be sent in this time
        self.assertEqual(self.gateway.route()["state"], "paused")
        self.assertEqual((self.gateway.route()["delivered"], kafka.count("paused_reload")), (0, 0))
        self.assertEqual(run("resume", "-c", self.gateway.config).returncode, 0)
        kafka.wait_for_count("paused_reload", 1000)

    def test_new_topics_mappings_and_kafka_settings_take_effect_without_a_restart(self):
        kafka.create_topic("after_reload")
        self.rewrite('topics = ["weather/#"]', 'topics = ["garden/#"]')
        self.rewrite(f'topic = "{TOPIC}"', 'topic = "after_reload"')
        before = self.gateway.connections()
        self.assertEqual(self.reload()["applied"], ["mqtt", "kafka"])
        self.gateway.wait_for_connection(before)
        publish("rose", 21, topic="garden/rose")
        kafka.wait_for_count("after_reload", 1)
        self.assertEqual(kafka.records("after_reload")[0].key, "rose")
        self.assertTrue(self.gateway.process.running())

    def test_a_new_listener_is_there_and_gone_again(self):
        port = suite.free_port()
        plain = self.gateway.config.read_text()
        self.gateway.config.write_text(plain + f'\n[[listener]]\nlisten = "127.0.0.1:{port}"\n')
        self.assertEqual(self.reload()["applied"], ["listener"])
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        self.gateway.config.write_text(plain)
        self.assertEqual(self.reload()["applied"], ["listener"])
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5)

    def test_renewed_certificates_of_http_and_listener_are_served(self):
        folder = self.gateway.folder

        def certify():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                            "2", "-subj", "/CN=gateway", "-keyout", folder / "own.key", "-out", folder / "own.pem"],
                           check=True, capture_output=True)
        certify()
        (folder / "users").write_text("roof:" + subprocess.run(["openssl", "passwd", "-6", "x"], check=True, capture_output=True,
                                                              text=True).stdout)
        ports = {"http": suite.free_port(), "listener": suite.free_port()}
        tls = f'cert_file = "{folder}/own.pem"\nkey_file = "{folder}/own.key"\n'
        self.gateway.config.write_text(self.gateway.config.read_text() + f'''
[[http]]
listen = "127.0.0.1:{ports["http"]}"
{tls}
[[listener]]
listen = "127.0.0.1:{ports["listener"]}"
users_file = "{folder}/users"
{tls}''')
        self.assertEqual(self.reload()["applied"], ["listener", "http"])

        def served():
            return {name: ssl.get_server_certificate(("127.0.0.1", port)) for name, port in ports.items()}
        self.assertEqual(set(served().values()), {(folder / "own.pem").read_text()})
        certify()
        self.gateway.process.signal(signal.SIGHUP)

        def renewed():
            try:
                return set(served().values()) == {(folder / "own.pem").read_text()}
            except OSError:  # the listener is just made anew
                return False
        suite.wait_for(renewed, "the new one")
        self.assertEqual(self.reload()["applied"], [], "nothing is new now")

    def test_a_file_with_faults_changes_nothing_and_says_why(self):
        self.rewrite('topics = ["weather/#"]', 'topics = ["garden/#"]\nqoss = 1')
        report = self.reload(CONFIG_ERROR)
        self.assertFalse(report["good"])
        self.assertRegex(report["faults"][0], r"weather-gateway.toml:\d+:1: mqtt\[0\].qoss: unknown key; did you mean \"qos\"")
        before = kafka.count(TOPIC)
        publish("still", 1)
        kafka.wait_for_count(TOPIC, before + 1)

    def test_a_port_that_is_taken_brings_back_what_was(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.gateway.config.write_text(self.gateway.config.read_text() +
                                           f'\n[[listener]]\nlisten = "127.0.0.1:{taken.getsockname()[1]}"\n')
            self.assertIn("listener[0]", self.reload(CONFIG_ERROR)["faults"][0])
        before = kafka.count(TOPIC)
        publish("still", 2)
        kafka.wait_for_count(TOPIC, before + 1)

    def test_sighup_does_the_same_and_names_what_needs_a_restart_each_time(self):
        self.rewrite("[kafka]\n", '[log]\nmax_bytes = "64MiB"\n[kafka]\n')
        for times in (1, 2):
            self.gateway.process.signal(signal.SIGHUP)
            suite.wait_for(lambda: self.gateway.process.output().count("restart to use log.max_bytes") == times, "told")

    def test_the_log_level_changes(self):
        self.rewrite("[gateway]\n", '[gateway]\nlog_level = "error"\n')
        self.assertEqual(self.reload()["applied"], ["gateway.log_level"])
        said = self.gateway.process.output()
        self.gateway.process.signal(signal.SIGHUP)
        time.sleep(1)  # nothing may be said in this time
        self.assertEqual(self.gateway.process.output(), said)


class ServiceManager(unittest.TestCase):
    """systemd's side of sd_notify(3) and of the journal."""

    def start(self, gateway, **environment):
        gateway.process.command = ["env", *(f"{key}={value}" for key, value in environment.items()), *gateway.process.command]
        self.addCleanup(gateway.kill9)
        gateway.start(wait=False)

    def test_it_is_told_ready_status_watchdog_reloading_and_stopping(self):
        gateway = Gateway(mosquitto, kafka.bootstrap, TOPIC)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(gateway.folder / "notify"))
            manager.settimeout(0.1)
            self.start(gateway, NOTIFY_SOCKET=gateway.folder / "notify", WATCHDOG_USEC=1000000)
            told = []

            def hears(pattern):
                try:
                    while True:
                        told.append(manager.recv(4096).decode())
                except TimeoutError:
                    return any(re.search(pattern, text) for text in told)

            suite.wait_for(lambda: hears(r"^READY=1\nSTATUS=\w+, \d+ unsent, \d+ sensors$"), lambda: told)
            suite.wait_for(lambda: hears("^STATUS=online, 0 unsent"), lambda: told)
            began = time.monotonic()
            told.clear()
            suite.wait_for(lambda: hears("^$") or time.monotonic() - began > 3, "three seconds")
            self.assertGreaterEqual(told.count("WATCHDOG=1"), 4, told)  # every half second
            gateway.process.signal(signal.SIGSTOP)
            told.clear()
            hears("^$")
            told.clear()
            time.sleep(1)  # nothing may be heard in this time
            hears("^$")
            self.assertEqual(told, [], "a loop that stands still does not feed the watchdog")
            gateway.process.signal(signal.SIGCONT)
            gateway.process.signal(signal.SIGHUP)
            suite.wait_for(lambda: hears(r"^RELOADING=1\nMONOTONIC_USEC=\d+$"), lambda: told)
            suite.wait_for(lambda: hears("^READY=1"), lambda: told)
            gateway.process.signal(signal.SIGTERM)
            suite.wait_for(lambda: hears("^STOPPING=1$"), lambda: told)

    def test_the_journal_gets_priorities_and_one_line_for_each_change(self):
        lonely = Gateway(None, "127.0.0.1:1")
        self.start(lonely, JOURNAL_STREAM="1:1")
        suite.wait_for(lambda: "cannot be reached" in lonely.process.output(), lonely.process.output)
        time.sleep(4)  # a dozen of tries
        lines = lonely.process.output().splitlines()
        for line in lines:
            self.assertRegex(line, r"^<[34567]>\S")
        self.assertEqual(sum("Kafka cannot be reached" in line for line in lines), 1, lines)
        self.assertEqual(sum("not connected" in line for line in lines), 1, lines)
        self.assertTrue(all(line.startswith("<4>") for line in lines if "cannot be reached" in line), lines)


if __name__ == "__main__":
    suite.main()
