"""From nothing to a gateway that delivers: `weather-gateway init` and `page-access`, with a real mosquitto and a real Kafka."""

import base64
import json
import re
import ssl
import stat
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from harness import suite
from harness.gateway import PROGRAM, run
from harness.kafka import Kafka
from harness.mosquitto import Mosquitto
from harness.process import Process
from harness.publisher import publish_one
from harness.terminal import Terminal

TOPIC = "topic_weather"
USAGE, NO_INPUT, UNAVAILABLE, CANNOT_CREATE, CONFIG_ERROR = 64, 66, 69, 73, 78  # sysexits.h

MESSAGES = {
    "tele/roof/SENSOR": {"Time": "2026-11-29T12:00:00", "BME280": {"Temperature": 7.5, "Humidity": 81}, "TempUnit": "C"},
    "zigbee2mqtt/cellar": {"temperature": 11.25, "humidity": 66, "battery": 97, "linkquality": 120},
    "weather/garden": {"id": "garden", "temperature": 3.5, "humidity": 90},
    "home/lights/hall": "ON",
}


def setUpModule():
    global kafka, mosquitto, guarded, root
    kafka = Kafka().start()
    kafka.create_topic(TOPIC)
    mosquitto = Mosquitto().start()
    passwords = suite.folder("passwords") / "users"
    subprocess.run(["mosquitto_passwd", "-c", "-b", passwords, "gateway", "let me in"], check=True, capture_output=True)
    guarded = Mosquitto(f"allow_anonymous false\npassword_file {passwords}\n").start()
    root = suite.folder("root")
    settings = root / "etc" / "mosquitto" / "conf.d"
    settings.mkdir(parents=True)
    (settings / "local.conf").write_text(f"# no port 1\nlistener {mosquitto.port} 127.0.0.1\n")
    thermometer = root / "sys" / "bus" / "w1" / "devices" / "28-0123456789ab"
    thermometer.mkdir(parents=True)
    adapter = root / "dev" / "serial" / "by-id" / "usb-FTDI_A-if00-port0"
    adapter.parent.mkdir(parents=True)
    adapter.touch()
    (thermometer / "w1_slave").write_text("72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n")


class Sensors(threading.Thread):
    """Publishes each of MESSAGES twice a second until it is stopped."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self._broker, self._end = broker, threading.Event()

    def run(self):
        while not self._end.wait(0.5):
            for topic, message in MESSAGES.items():
                publish_one(self._broker, topic, message if isinstance(message, str) else json.dumps(message))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self.join()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


class Init(unittest.TestCase):
    def setUp(self):
        self.folder = suite.folder("etc")
        self.config = self.folder / "weather-gateway.toml"

    def init(self, *words, code=0, **options):
        done = run("init", "-c", self.config, "--root", root, "--listen", "3s", *words, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def texts(self):
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def test_finds_everything_and_its_gateway_delivers(self):
        with Sensors(mosquitto):
            said = self.init("--yes", "--broker", mosquitto.url, "--kafka", kafka.bootstrap, "--topic", TOPIC, "--id", "pi-test").stdout
        self.assertRegex(said, r"tasmota: 1 sensor on ")
        self.assertRegex(said, r"zigbee2mqtt: 1 sensor on ")
        self.assertRegex(said, r"garden +temperature 3.5 °C, humidity 90 %")
        self.assertIn("w1:28-0123456789ab: temperature 23.1 °C", said)
        self.assertIn("home/lights/hall", said)
        self.assertRegex(said, r"(?m)^ok +kafka")
        self.assertRegex(said, r"(?m)^ok +config")
        mqtt = (self.folder / "conf.d" / "mqtt.toml").read_text()
        self.assertEqual(len(set(re.findall(r'client_id = "(.*)"', mqtt))), 3, mqtt)
        self.assertEqual(len(set(re.findall(r'name = "(.*)"', mqtt))), 3, mqtt)
        self.assertNotIn("home/", mqtt)
        names = (self.folder / "conf.d" / "names.toml").read_text()
        self.assertRegex(said, r"Serial adapters; .*conf.d/serial.toml:\n    usb-FTDI_A-if00-port0\n")
        self.assertRegex((self.folder / "conf.d" / "serial.toml").read_text(), r'# \[\[serial\]\]\n# device = ".*/usb-FTDI_A-if00-port0"\n')
        self.assertRegex(names, r'(?m)^# "tasmota:roof[^"]*" = "roof"  # temperature BME280 7.5 °C')

        web = suite.free_port()
        (self.folder / "conf.d" / "test.toml").write_text(f'[web]\nlisten = "127.0.0.1:{web}"\n')
        gateway = Process([PROGRAM, "run", "-c", self.config], self.folder / "gateway.log")
        gateway.start()
        self.addCleanup(gateway.kill9)
        begun = time.monotonic()
        with Sensors(mosquitto):
            wanted = ("tasmota:roof", "zigbee2mqtt:cellar", "garden", "w1:28-0123456789ab")
            def keys():
                return {record.key for record in kafka.records(TOPIC)}
            suite.wait_for(lambda: all(any(key.startswith(want) for key in keys()) for want in wanted), "a record of each sensor")
        print(f"from the start of the gateway to a reading of each sensor in Kafka: {time.monotonic() - begun:.1f} s", flush=True)
        # Nothing was subscribed to that nobody reads.
        status = json.loads(run("status", "--json", "-c", self.config).stdout)
        self.assertEqual(status["dead_letters"]["open"], 0, status["sources"])

    def test_finds_the_broker_by_mosquittos_own_settings(self):
        with Sensors(mosquitto):
            said = self.init("--yes", "--kafka", kafka.bootstrap, "--topic", TOPIC).stdout
        # 1883 may be somebody else's on this machine.
        if f"mqtt://127.0.0.1:{mosquitto.port}" not in said:
            self.assertIn("mqtt://127.0.0.1:1883: listening", said)

    def test_never_overwrites_without_being_told_and_then_keeps_what_was_there(self):
        self.config.write_text("# mine\n")
        (self.folder / "conf.d").mkdir()
        (self.folder / "conf.d" / "own.toml").write_text("# mine too\n")
        before = self.texts()
        done = self.init("--yes", "--kafka", kafka.bootstrap, "--broker", mosquitto.url, code=CANNOT_CREATE)
        self.assertIn("is there already and stays as it is", done.stderr)
        self.assertEqual(self.texts(), before)
        self.init("--yes", "--replace", "--kafka", kafka.bootstrap, "--topic", TOPIC, "--broker", mosquitto.url)
        after = self.texts()
        self.assertIn(b"# mine\n", [text for name, text in after.items() if name.startswith("weather-gateway.toml.before-")])
        self.assertEqual(after["conf.d/own.toml"], b"# mine too\n")
        self.assertIn(b"config_version = 1", after["weather-gateway.toml"])

    def test_a_drop_in_that_is_there_is_not_overwritten_either(self):
        (self.folder / "conf.d").mkdir()
        (self.folder / "conf.d" / "mqtt.toml").write_text("# mine\n")
        before = self.texts()
        self.init("--yes", "--kafka", kafka.bootstrap, "--topic", TOPIC, "--broker", mosquitto.url, code=CANNOT_CREATE)
        self.assertEqual(self.texts(), before)

    def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_half_done(self):
        (self.folder / "conf.d").write_text("a file where a folder belongs\n")
        before = self.texts()
        done = self.init("--yes", "--kafka", kafka.bootstrap, "--topic", TOPIC, "--broker", mosquitto.url, code=CANNOT_CREATE)
        self.assertIn("nothing was written", done.stderr)
        self.assertEqual(self.texts(), before)

    def test_passwords_lie_where_only_the_gateway_reads_them(self):
        secret = self.folder / "secret"
        secret.write_text("let me in\n")
        properties = self.folder / "java.properties"
        properties.write_text(f"bootstrap.servers={kafka.bootstrap}\nsecurity.protocol=PLAINTEXT\n")
        with Sensors(mosquitto):
            said = self.init("--yes", "--broker", guarded.url, "--username", "gateway", "--password-file", secret,
                             "--properties", properties, "--topic", TOPIC, "--page-host", "localhost", "--page-user", "me",
                             "--page-password-file", secret)
        self.assertNotIn("let me in", said.stdout + said.stderr)
        for name in ("client.properties", "mqtt.password", "page.key", "page.users"):
            self.assertIn(mode(self.folder / name), (0o600, 0o640), name)
        self.assertNotIn("let me in", (self.folder / "page.users").read_text())
        self.assertRegex((self.folder / "page.users").read_text(), r"^me:\$y\$")
        self.assertEqual((self.folder / "client.properties").read_text(), properties.read_text())

    def test_a_broker_that_wants_a_log_in_says_so(self):
        said = self.init("--yes", "--broker", guarded.url, "--kafka", kafka.bootstrap, "--topic", TOPIC, code=UNAVAILABLE).stdout
        self.assertIn("the broker does not authorise this client", said)

    def test_a_kafka_that_is_not_there_and_faulty_properties_are_judged(self):
        done = run("init", "-c", self.config, "--root", root, "--listen", "1s", "--yes", "--broker", mosquitto.url,
                   "--kafka", "127.0.0.1:1", "--timeout", "2s")
        self.assertIn("cannot be reached", done.stdout)
        other = suite.folder("other") / "x.toml"
        bad = self.folder / "bad.properties"
        bad.write_text("bootstrap.servers=127.0.0.1:9092\nsasl.pasword=x\n")
        done = run("init", "-c", other, "--root", root, "--listen", "1s", "--yes", "--broker", mosquitto.url, "--properties", bad)
        self.assertEqual(done.returncode, CONFIG_ERROR, done.stdout + done.stderr)
        self.assertIn("client.properties:2", done.stderr)
        self.assertFalse(other.exists())

    def test_answers_that_end_early_write_nothing(self):
        before = self.texts()
        done = self.init(code=NO_INPUT, input="pi\n\n")
        self.assertIn("nothing was written", done.stderr)
        self.assertEqual(self.texts(), before)

    def test_a_person_at_a_terminal_answers_and_pastes(self):
        with Terminal("init", "-c", self.config, "--root", root, "--listen", "3s", "--broker", mosquitto.url, "--topic", TOPIC) as person, \
                Sensors(mosquitto):
            def answer(question, text):
                person.until(question)
                person.line(text)
            answer(r"Name of this gateway \[[^]]*\]: ", "pi-attic")
            while "Names:" not in (question := person.until(r"(Take in what \S+ sends\?|Read \S+\?) \[Y/n\] |Names:")):
                person.line("n" if "Take in what zigbee2mqtt" in question else "")
            while "client.properties [" not in (question := person.until(r"  Name(, as [^:]+)?: |client.properties \[[^]]*\]: ")):
                person.line("above" if "tasmota:roof" in question else "")
            person.line("p")
            person.until("empty line:")
            person.line(f"# from the cluster's people\nbootstrap.servers={kafka.bootstrap}\nsecurity.protocol=PLAINTEXT\n")
            answer(r"Topic \[topic_weather\]: ", "")
            answer(r"Write them\? \[Y/n\] ", "y")
            answer(r"(?s)Open the page.*\[y/N\] ", "y")
            answer(r"What browsers call this machine \[\S+\]: ", "pi.lan")
            answer(r"User \[me\]: ", "")
            answer(r"Password for me \(empty: one is made\): ", "a secret of mine")
            answer("Once more: ", "a secret of mine")
            person.until("Next: sudo systemctl restart")
            self.assertEqual(person.end(), 0)
            self.assertNotIn("a secret of mine", person.shown)
            for line in person.shown.splitlines():
                if str(self.folder) not in line:
                    self.assertLessEqual(len(re.sub(r"\x1b\[[0-9;]*m", "", line)), 80, line)
        self.assertNotIn("zigbee2mqtt", (self.folder / "conf.d" / "mqtt.toml").read_text())
        self.assertRegex((self.folder / "conf.d" / "names.toml").read_text(), r'(?m)^"tasmota:roof[^"]*" = "above"')
        self.assertIn("from the cluster's people", (self.folder / "client.properties").read_text())
        self.assertIn('hosts = ["pi.lan"]', (self.folder / "conf.d" / "page.toml").read_text())
        self.assertEqual(run("check", "--offline", "-c", self.config).returncode, 0)


class PageAccess(unittest.TestCase):
    def test_the_page_asks_for_the_user_it_made(self):
        folder = suite.folder("page")
        config, web = folder / "weather-gateway.toml", suite.free_port()
        config.write_text(f'config_version = 1\n[gateway]\nid = "p"\ndata_dir = "{folder}/data"\n'
                          f'[kafka.properties]\n"bootstrap.servers" = "{kafka.bootstrap}"\n')
        done = run("page-access", "-c", config, "--host", "localhost", "--host", "127.0.0.1", "--user", "me", "--listen", f"127.0.0.1:{web}")
        self.assertEqual(done.returncode, 0, done.stderr)
        password = re.search(r"password (\S+)", done.stdout).group(1)
        self.assertGreaterEqual(len(password), 20)
        self.assertIn(f"https://localhost:{web}, user me", done.stdout)
        gateway = Process([PROGRAM, "run", "-c", config], folder / "gateway.log")
        gateway.start()
        self.addCleanup(gateway.kill9)
        # The certificate itself is what a browser would be told to trust.
        trust = ssl.create_default_context(cafile=folder / "page.crt")
        def answer(credentials):
            opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust))
            if credentials:
                opener.addheaders = [("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())]
            try:
                return opener.open(f"https://localhost:{web}/", timeout=10).status
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                return None
        suite.wait_for(lambda: answer(None) == 401, "the page asks for a password")
        self.assertEqual(answer(f"me:{password}"), 200)
        self.assertEqual(answer("me:wrong"), 401)

        again = run("page-access", "-c", config, "--host", "localhost", "--user", "you")
        self.assertEqual(again.returncode, CANNOT_CREATE, again.stdout)
        self.assertEqual(run("page-access", "-c", config, "--host", "localhost", "--user", "you", "--replace").returncode, 0)
        self.assertEqual([line.split(":")[0] for line in (folder / "page.users").read_text().splitlines()], ["me", "you"])

    def test_what_is_no_host_or_user_is_refused(self):
        folder = suite.folder("page")
        for words in (("--host", "pi lan", "--user", "me"), ("--host", 'a"b', "--user", "me"), ("--host", "pi.lan", "--user", "a:b"),
                      ("--host", "pi.lan", "--user", ""), ("--host", "DNS:x,IP:1.2.3.4", "--user", "me")):
            self.assertEqual(run("page-access", "-c", folder / "x.toml", *words).returncode, USAGE, words)
        self.assertEqual(list(folder.iterdir()), [])


if __name__ == "__main__":
    suite.main()
