"""What comes out of the program: no secret from a configuration that is wrong, whatever is wrong with it, and nothing that a
terminal would obey, whatever a station sends. Every command, the journal, the page and /metrics."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.request

from harness import mqtt_wire, suite
from harness.gateway import PROGRAM, bundled, run
from harness.kafka import Kafka
from harness.listener import ListeningGateway

MARK = "hunter2q7"  # in no word of ours
SAYING = ("check --offline", "check --offline --json", "config show", "config show --all", "config show --origin",
          "status", "status --json", "status --check", "sensors", "sensors --json", "top --count 1", "dead-letters ls", "dead-letters ls --json",
          "dead-letters show 1", "pause", "resume", "retry", "reload", "reload --json", "replay --from 1h --json", "drain --timeout 1s",
          "bundle -o {folder}/bundle.tar.gz", "send --file /dev/null", "run")


def setUpModule():
    global kafka
    kafka = Kafka().start()
    kafka.create_topic("printed")


def wrong_configurations(folder):
    """By what is wrong: (text of the configuration, files beside it); each has the mark where a secret was meant."""
    top = f'[gateway]\ndata_dir = "{folder}/data"\ncontrol_socket = "{folder}/s"\n'
    kafka_table = '[kafka]\nproperties = { "bootstrap.servers" = "127.0.0.1:1" }\n'
    good = top + kafka_table
    cases = {}

    def case(name, text, **files):
        cases[name] = (text, files)

    for key in ("sasl.password", "sasl.pasword", "sasl.passwrd", "ssl.key.password", "ssl.keystore.pasword", "sasl.jaas.config", "secret",
                "sasl.oauthbearer.client.secret", "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.parameters",
                "sasl.oauthbearer.assertion.private.key.passphrase", "sasl.oauthbearer.extensions", "basic.auth.user.info", "token",
                "group.id.", "bootstrap.server", "SASL.PASSWORD", "x"):
        case(f"property {key}", top + f'[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n"{key}" = "{MARK}"\nnonsense = 1\n')
        case(f"file's property {key}", top + f'[kafka]\nproperties_file = "{folder}/p"\n', p=f"bootstrap.servers=127.0.0.1:1\n{key}={MARK}\nno.such.key=1\n")
    case("property in bits", top + f'[kafka]\nproperties = {{ "bootstrap.servers" = "127.0.0.1:1", sasl.password = "{MARK}" }}\n[[x]]\n')
    for number, line in enumerate((f"sasl.password {MARK}", MARK, f"sasl.password:\\\n  {MARK}", f"sasl.jaas.config=a required password=\"{MARK}\";",
                                   f"password={MARK}", f"={MARK}", f"\\u00zz={MARK}", f"sasl.password=\\u00zz{MARK}")):
        case(f"file's line {number}", top + f'[kafka]\nproperties_file = "{folder}/p"\n', p=f"bootstrap.servers=127.0.0.1:1\n{line}\n")
    for url in (f"mqtt://user:{MARK}@host:1883", f"mqtt://{MARK}@host", f"mqtt://user:{MARK}@host:99999", f"http://u:{MARK}@host",
                f"mqtt://user:{MARK}@", f"mqtt://host:1883/?token={MARK}", f"mqtts://u:{MARK}@[::1", f"u:{MARK}@host", f"mqtt://u:{MARK}@host a"):
        case(f"mqtt url {url}", good + f'[[mqtt]]\nurl = "{url}"\ntopics = ["a/#"]\n')
        case(f"mqtt url {url} and a fault", good + f'[[mqtt]]\nurl = "{url}"\ntopics = ["a/#"]\nqos = 7\n')
        case(f"registry {url}", good + f'[schema_registry]\nurl = "{url}"\n')
        case(f"registry {url} by http", good + f'[schema_registry]\nurl = "{url.replace("mqtt", "http")}"\n')
        case(f"token endpoint {url}", top + '[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n"security.protocol" = "SASL_SSL"\n'
             f'"sasl.mechanism" = "OAUTHBEARER"\n"sasl.oauthbearer.token.endpoint.url" = "{url.replace("mqtt", "http")}"\n')
        case(f"bootstrap {url}", top + f'[kafka.properties]\n"bootstrap.servers" = "{url}"\n')
    for header in ("authorization", "Authorization", "x-api-key", "cookie", "token", "proxy-authorization", "api_key"):
        case(f"header {header}", good + f'[kafka.headers]\n{header} = "{MARK}"\n[[x]]\n')
        case(f"route's header {header}", good + f'[[route]]\nname = "a"\nheaders = {{ {header} = "{MARK}" }}\nnonsense = 1\n')
    for table, line in (("[[mqtt]]", "password"), ("[[mqtt]]", "pasword"), ("[schema_registry]", "password"), ("[schema_registry]", "api_secret"),
                        ("[web]", "token"), ("[web]", "password"), ("[[http]]", "tokens"), ("[[listener]]", "users"), ("[kafka]", "sasl.password"),
                        ("[kafka]", "password"), ("[gateway]", "secret"), ("[passwords]", "pi"), ("[lorawan]", "app_key"), ("[[modbus]]", "password")):
        head = top.replace("[gateway]\n", "") if table == "[gateway]" else ""
        base = f"[gateway]\n{head}" if head else good + table + "\n"
        for value in (f'"{MARK}"', f'["{MARK}"]', f'{{ a = "{MARK}" }}', f'"{MARK}', f'{MARK}', f"'{MARK}", f'"{MARK}" x', f'"\\q{MARK}"'):
            case(f"{table} {line} = {value}", base + f"{line} = {value}\n")
        case(f"{table} {line}: ", base + f'{line}: "{MARK}"\n')
        case(f"{table} {line} without a sign", base + f"{line} {MARK}\n")
    for number, text in enumerate((MARK, f"{MARK}:pi", f"pi:{MARK}", f"pi:$1${MARK}", f"pi:cert:{MARK}/#", f"{MARK}:cert\n{MARK}:cert", f":{MARK}",
                                   f"pi:cert:id={MARK},", f"\0{MARK}", f"\x1b{MARK}")):
        case(f"users {number}", good + f'[[listener]]\nlisten = "127.0.0.1:{suite.free_port()}"\nusers_file = "{folder}/u"\n', u=text)
        case(f"page's users {number}", good + f'[web]\nlisten = "127.0.0.1:{suite.free_port()}"\nusers_file = "{folder}/u"\n', u=text)
        case(f"tokens {number}", good + f'[[http]]\nlisten = "127.0.0.1:{suite.free_port()}"\ntokens_file = "{folder}/u"\n', u=text)
        case(f"key file {number}", good + f'[[listener]]\nlisten = "127.0.0.1:{suite.free_port()}"\ncert_file = "{folder}/u"\nkey_file = "{folder}/u"\n',
             u=f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    case("nothing but the mark", MARK)
    case("the mark and a quote", f'"{MARK}')
    return cases


class Secrets(unittest.TestCase):
    def test_no_command_shows_one_whatever_is_wrong(self):
        folder = suite.folder("wrong")
        config = folder / "w.toml"
        cases = wrong_configurations(folder)
        environment = {**os.environ, "WEATHER_GATEWAY_SCHEMA_REGISTRY__PASSWORD": MARK}
        shown, said = [], 0
        for number, (name, (text, files)) in enumerate(cases.items()):
            config.write_text(text)
            for file, content in files.items():
                (folder / file).write_text(content + "\n")
                (folder / file).chmod(0o600)
            faulty = run("check", "--offline", "-c", config).returncode == 78
            for place, command in enumerate(SAYING):
                if command == "run" and not faulty:
                    continue  # it would run
                if (number + place) % 8 and command not in ("check --offline", "run"):
                    continue  # they load it the same way: each with every eighth
                done = subprocess.run([PROGRAM, *command.format(folder=folder).split(), "-c", config], capture_output=True, timeout=30,
                                      env=environment if number % 3 == 0 else None, stdin=subprocess.DEVNULL, check=False)
                places = {command: done.stdout + done.stderr}
                if command.startswith("bundle"):
                    self.assertEqual(done.returncode, 0, (name, done.stderr))
                    places |= bundled(folder / "bundle.tar.gz")
                said += len(places)
                shown += [f"{name}: {place}: {line.decode(errors='replace')}" for place, output in places.items()
                          for line in output.splitlines() if MARK.encode() in line]
        print(f"{len(cases)} configurations, {said} outputs", flush=True)
        self.assertEqual(shown, [])
        self.assertGreater(len(cases), 200)

    def test_a_running_gateway_takes_hundreds_of_bad_reloads_and_says_no_secret(self):
        """Configurations with a mark, and random ones: each is answered, and the process stays."""
        gateway = ListeningGateway(kafka, "printed").start()
        self.addCleanup(gateway.kill9)
        good = gateway.config.read_text()
        random = suite.seeded_random()
        folder = suite.folder("reloads")
        texts = []
        for name, (text, files) in wrong_configurations(folder).items():
            if not files:
                texts.append(good + re.sub(r"^\[gateway\]\n(.*\n){2}", "", text))
        texts += [mutated(random, good) for _ in range(200)]
        shown = []
        for text in texts:
            gateway.config.write_text(text)
            done = run("reload", "--json", "-c", gateway.folder / "good.toml", "--socket", gateway.data / "control.sock")
            shown += [line for line in (done.stdout + done.stderr).splitlines() if MARK in line]
            self.assertTrue(gateway.process.running(), f"{text}\n{gateway.process.output()[-2000:]}")
            self.assertIn('"schema_version"', done.stdout, done.stderr)
        gateway.config.write_text(good)
        done = run("reload", "-c", gateway.config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shown += [line for line in gateway.process.output().splitlines() if MARK in line]
        shown += [line for path in ("/", "/metrics", "/api/v1/status", "/live.json") for line in gateway.get(path).splitlines() if MARK in line]
        self.assertEqual(shown, [])
        gateway.send(range(3))
        suite.wait_for(lambda: kafka.count("printed") >= 3, "the gateway still delivers")


def mutated(random, text):
    """Some edits of a text that keep it one: bytes changed, cut, doubled, characters of TOML put in, deep nesting."""
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(text))
        kind = random.randrange(6)
        if kind == 0:
            text = text[:at] + chr(random.randrange(1, 0x250)) + text[at + 1:]
        elif kind == 1:
            text = text[:at] + text[at + random.randrange(40):]
        elif kind == 2:
            text = text[:at] + random.choice("[]{}=\".'#,\n") + text[at:]
        elif kind == 3:
            text = text[:at] + text[random.randrange(len(text)):][:200] + text[at:]
        elif kind == 4:
            text += "x" + random.choice([".x", "[", "{a="]) * random.choice([40, 5000])
        else:
            text = text[:at + 1]
        text = text or "x"
    return text


# Everything that a terminal obeys or that makes text look like other text.
CONTROLS = [chr(code) for code in (*range(1, 0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A),
                                   0xFEFF)]
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
BAD_BYTES = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\x9b31m"]
LOOKS = ("status", "status --json", "sensors", "sensors --json", "top --count 1", "dead-letters ls", "dead-letters ls --json", "reload",
         "reload --json", "config show --all", "config show --origin", "check", "check --json", "pause", "resume", "retry",
         "log ls {data}", "log stat {data}", "log stat --json {data}", "log dump {data}", "log dump --json {data}", "audit {data}",
         "log verify {data}")


class Controls(unittest.TestCase):
    def station(self, gateway):
        """Sends every control in every place, by MQTT as bytes and by HTTP."""
        line = socket.create_connection(("127.0.0.1", gateway.port), 10)
        line.sendall(mqtt_wire.connect("client\x1b[31m\u202e", will=("weather/will\x1b\u009b", "gone\x1b\u202e")))
        number, wanted = 0, set()
        got = bytearray()

        def publish(topic, payload):
            nonlocal number
            number += 1
            wanted.add(number)
            line.sendall(mqtt_wire.publish(topic, payload, number))

        for control in CONTROLS:
            event = {"id": f"s{control}e", "temperature": 1, f"n{control}m": 2, "text": f"t{control}t", "unit": f"u{control}",
                     "location": f"l{control}l", f"o{control}": {f"p{control}": "q"}}
            publish("weather/a", json.dumps(event).encode())
            publish("weather/b", json.dumps(event, ensure_ascii=False).encode())
            publish(f"weather/x{control}y", b'{"temperature":1}')
            publish("weather/c", f"no reading{control}".encode())
        publish("weather/forged", json.dumps({"id": "evil\n2026-01-01T00:00:00.000Z error   forged\n<3>forged", "temperature": 1}).encode())
        for wrong in BAD_BYTES:
            publish("weather/d", b'{"id":"' + wrong + b'","temperature":1}')
            publish("weather/e", wrong)
        while wanted:
            got += line.recv(4096) or self.fail("the connection ended")
            for first, body in mqtt_wire.split(got):
                if first == mqtt_wire.PUBACK:
                    wanted.discard(int.from_bytes(body[:2], "big"))
        line.close()  # without a word: the will goes out
        for wrong in (b"weather/\xff", b"weather/\x00", b"weather/\xc2\x9b\xed\xa0\x80", b"+/#\x1b"):
            with socket.create_connection(("127.0.0.1", gateway.port), 10) as other:
                other.sendall(mqtt_wire.connect(f"bad\x1b{wrong!r}") + mqtt_wire.publish(wrong, b"1", 1))
                other.recv(100)
        for head in ("GET /\x1b[2J\x9b HTTP/1.1\r\nHost: \x1b\r\n\r\n", "P\x1bST /v1/readings HTTP/1.1\r\n\r\n",
                     "POST /v1/readings HTTP/1.1\r\nHost: a\x1bb\r\nContent-Type: \x1b\u0085\r\nContent-Length: 0\r\n\r\n",
                     "GET /%1b%0a%c2%9b HTTP/1.1\r\nHost: localhost\r\nOrigin: \x1b\r\n\r\n"):
            for port in (self.http, int(gateway.url.rsplit(":", 1)[1])):
                with socket.create_connection(("127.0.0.1", port), 10) as other:
                    other.sendall(head.encode("latin-1", "replace"))
                    other.recv(1000)

    def look(self, gateway, said):
        for command in LOOKS:
            arguments = command.format(data=gateway.data).split()
            if "{data}" not in command:
                arguments += ["-c", gateway.config]
            done = subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
            said[command] = done.stdout + done.stderr
        for path in ("/", "/metrics", "/api/v1/status", "/api/v1/sensors", "/live.json"):
            request = urllib.request.Request(gateway.url + path, headers={"Accept": "*/*"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                said[path] = answer.read()
        bundle = gateway.folder / "b.tar.gz"
        run("bundle", "-o", bundle, "-c", gateway.config)
        said.update(bundled(bundle))

    def test_nothing_that_is_obeyed_comes_out(self):
        self.http = suite.free_port()
        gateway = ListeningGateway(kafka, "controls", extra=f'topics = ["weather/#"]\n[[http]]\nlisten = "127.0.0.1:{self.http}"')
        gateway.config.write_text(gateway.config.read_text() + '\n[sensors.names]\n"s\\u001be" = "na\\u001bme\\u009b\\u202e"\n')
        kafka.create_topic("controls")
        gateway.start()
        self.addCleanup(gateway.kill9)
        said = {}
        tails = {name: subprocess.Popen([PROGRAM, "tail", *options, "-c", gateway.config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                 for name, options in (("tail", ()), ("tail --json", ("--json",)), ("tail --sensor", ("--sensor", "s\x1be")))}
        for tail in tails.values():
            self.addCleanup(tail.stdout.close)
            self.addCleanup(tail.kill)
        readers = {name: threading.Thread(target=lambda name=name, tail=tail: said.__setitem__(name, tail.stdout.read())) for name, tail in tails.items()}
        for reader in readers.values():
            reader.start()
        gateway.answers()
        time.sleep(1)  # until the three listen
        self.station(gateway)
        readings = gateway.status()["log"]["appended"]
        self.assertGreater(readings, 3 * len(CONTROLS))
        suite.wait_for(lambda: gateway.status()["unsent"] == 0, gateway.status)
        self.look(gateway, said)
        letters = json.loads(run("dead-letters", "ls", "--json", "-c", gateway.config).stdout)
        self.assertGreater(len(letters["dead_letters"]), len(BAD_BYTES))
        for letter in letters["dead_letters"][:20]:
            done = subprocess.run([PROGRAM, "dead-letters", "show", str(letter["id"]), "-c", gateway.config], capture_output=True, timeout=30,
                                  check=False)
            said[f"dead-letters show {letter['id']}"] = done.stdout + done.stderr
        for tail in tails.values():
            tail.send_signal(signal.SIGINT)
        for reader in readers.values():
            reader.join(20)
        self.consume(said)
        gateway.terminate()
        said["journal"] = pathlib.Path(gateway.folder / "gateway.log").read_bytes()
        self.assertGreater(len(said["tail"]), 1000)
        self.assertGreater(said["sensors"].count(b"\n"), len(CONTROLS))
        self.judge(said)
        self.assertNotIn(b"\n<3>forged", said["journal"])

    def consume(self, said):
        """Records that somebody else wrote, in each form."""
        properties = suite.folder("consume") / "client.properties"
        properties.write_text(f"bootstrap.servers={kafka.bootstrap}\n")
        kafka.create_topic("foreign")
        for control in ("\x1b[2J", "\u009b", "\u202e", "\r", "\b"):
            run("produce", "--config", properties, "--topic", "foreign", "--key", f"k{control}", "--value", f"v{control}",
                "--header", f"h{control}=w{control}")
        for topic in ("foreign", "controls"):
            for form in ("text", "json", "table"):
                done = subprocess.run([PROGRAM, "consume", "--config", properties, "--topic", topic, "--group", f"{topic}-{form}", "--from-beginning",
                                       "--count", "5" if topic == "foreign" else "150", "--format", form], capture_output=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                said[f"consume {topic} {form}"] = done.stdout + done.stderr

    def judge(self, said):
        faults = []
        for place, output in said.items():
            try:
                text = output.decode("utf-8")
            except UnicodeDecodeError as error:
                faults.append(f"{place}: no UTF-8: {output[max(0, error.start - 40):error.end + 20]!r}")
                continue
            faults += [f"{place}: {found.group()!r} in {text[max(0, found.start() - 40):found.end() + 20]!r}"
                       for found in list(OBEYED.finditer(text))[:3]]
        print(f"{len(said)} outputs, {sum(len(one) for one in said.values())} bytes", flush=True)
        self.assertEqual(faults, [], "\n".join(faults))


if __name__ == "__main__":
    suite.main()
