"""`check` and `run` judge a configuration alike: what the one passes the other can use, and each fault is told in words that somebody who
did not write this program can act on."""

import json
import os
import pathlib
import re
import socket
import subprocess
import unittest
import urllib.request

from harness import fair_clock, suite
from harness.certificates import Certificates
from harness.gateway import PROGRAM, run
from test_printed import wrong_configurations

TOP = '[gateway]\ndata_dir = "{folder}/data"\ncontrol_socket = "{folder}/s"\n[web]\nenabled = false\n'
KAFKA = '[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n'
MQTT = '[[mqtt]]\nurl = "mqtt://127.0.0.1:1"\ntopics = ["a"]\n'
HTTP = '[[http]]\nlisten = "127.0.0.1:{port}"\n'
LISTENER = '[[listener]]\nlisten = "127.0.0.1:{port}"\n'
MODBUS = '[[modbus]]\nname = "a"\ndevice = "/dev/none"\n[[modbus.register]]\naddress = 0\nquantity = "wind_speed"\nunit = "m/s"\n'
PAIR = 'cert_file = "{folder}/a.crt"\nkey_file = "{folder}/%s"\n'

# What is wrong: the configuration behind TOP and KAFKA, and what a person is told of it.
FAULTS = {
    "a port that is none": ('[[http]]\nlisten = "127.0.0.1:70000"\n', r"http\[0\]\.listen: is not HOST:PORT"),
    "a name to listen on": ('[[http]]\nlisten = "pi.lan:8681"\n', r"http\[0\]\.listen: must be an address of this machine and no name"),
    "two on one port": (HTTP + HTTP, r"http\[1\]\.listen: port \d+ is taken by http\[0\]\.listen: each needs a port of its own"),
    "all addresses and one": (HTTP + '[[http]]\nlisten = "0.0.0.0:{port}"\n', r"http\[1\]\.listen: port \d+ is taken by http\[0\]"),
    "http and listener on one port": (LISTENER + HTTP, r"http\[0\]\.listen: port \d+ is taken by listener\[0\]"),
    "# in the middle": (MQTT.replace('"a"', '"weather/#/b"'), r'mqtt\[0\]\.topics: "weather/#/b" is no topic filter: # stands alone behind'),
    "+ beside letters": (MQTT.replace('"a"', '"weather+/b"'), r'"weather\+/b" is no topic filter'),
    "a listener's filter": (LISTENER + 'topics = ["a#"]\n', r'listener\[0\]\.topics: "a#" is no topic filter'),
    "a broker's port": (MQTT.replace("1:1", "1:99999"), r"mqtt\[0\]\.url: broker URL: what follows the host is no port, a number from 1 to 65535"),
    "a broker by tcp": (MQTT.replace("mqtt://", "tcp://"), r"must begin with mqtt:// or mqtts://; tcp:// is mqtt:// here"),
    "a broker by WebSockets": (MQTT.replace("mqtt://", "ws://"), r"MQTT over WebSockets is not spoken here"),
    "a broker's host alone": (MQTT.replace("mqtt://", ""), r"a host alone is written mqtt://HOST"),
    "a format in capitals": (MQTT + 'format = "Zigbee2MQTT"\n', r'unknown format "Zigbee2MQTT"; did you mean "zigbee2mqtt"\? Known are campbell, chirpstack, [^;]*$'),
    "an unknown format": (MQTT + 'format = "qqq"\n', r'unknown format "qqq"\. Known are'),
    "a choice in capitals": ('[log]\non_full = "Block"\n', r'"Block" is none of drop_oldest\|block\|drop_newest; did you mean "block"\?'),
    "a key of another table": ('[web]\nheaders = {{ a = "b" }}\n', r"web\.headers: unknown key; it is a key of \[kafka\] and \[\[route\]\]"),
    "a table in capitals": ('[Log]\n', r'Log: unknown key; did you mean "log"\?'),
    "no quotes": ("[silence]\nat_least = 10m\n", r'; a text stands in quotes: "\.\.\."'),
    "no unit": ('[silence]\nat_least = "10"\n', r'"10" has no unit; write it like "500ms", "30s", "10 min", "1h30m" or "7d"'),
    "months": ('[silence]\nat_least = "1M"\n', r'"1M" has an unknown unit; write it like'),
    "a size in words": ('[log]\nsegment_bytes = "8 megs"\n', r'"8 megs" has an unknown unit; write it like "500M", "8MiB" or "1GB"'),
    "an RSA certificate and an EC key": (HTTP + PAIR % "ec.key", r"http\[0\]\.key_file: .*/ec\.key is not the key of .*/a\.crt"),
    "another key": (HTTP + PAIR % "b.key", r"http\[0\]\.key_file: .*/b\.key is not the key of .*/a\.crt"),
    "a listener's other key": (LISTENER + PAIR % "ec.key", r"listener\[0\]\.key_file: .*/ec\.key is not the key of"),
    "a broker's other key": (MQTT.replace("mqtt:", "mqtts:") + PAIR % "ec.key", r"mqtt\[0\]\.key_file: .*/ec\.key is not the key of"),
    "the page's other key": ('[web]\nenabled = true\nlisten = "127.0.0.1:{port}"\n' + PAIR % "ec.key", r"key_file .*/ec\.key is not the key of"),
    "Kafka's other key": ('"ssl.certificate.location" = "{folder}/a.crt"\n"ssl.key.location" = "{folder}/ec.key"\n"security.protocol" = "SSL"\n',
                          r"ssl\.key\.location: .*/ec\.key is not the key of"),
    "Kafka's keystore without its password": ('"security.protocol" = "SSL"\n"ssl.keystore.location" = "{folder}/a.key"\n', r"ssl\.keystore\.password` is mandatory"),
    "Kafka's login without a user": ('"security.protocol" = "SASL_SSL"\n"sasl.mechanism" = "PLAIN"\n', r"kafka\.properties: cannot be used together: .*sasl\.username"),
    "a route's keystore": ('[[route]]\nname = "a"\n[route.properties]\n"security.protocol" = "SSL"\n"ssl.keystore.location" = "{folder}/a.key"\n',
                           r"route\[0\]\.properties: cannot be used together: .*ssl\.keystore\.password` is mandatory"),
    "settings in a folder": ('[kafka]\nproperties_file = "{folder}"\n', r"(is a folder|Is a directory)"),
    "a key with a passphrase": (HTTP + PAIR % "locked.key", r"/locked\.key holds no key that can be used; one with a passphrase cannot"),
    "no certificate": (HTTP + 'cert_file = "{folder}/words"\nkey_file = "{folder}/a.key"\n', r"/words holds no certificate that can be used"),
    "no authority": (MQTT.replace("mqtt:", "mqtts:") + 'ca_file = "{folder}/words"\n', r"mqtt\[0\]\.ca_file: .*/words holds no certificate"),
    "tokens that are none": (HTTP + 'tokens_file = "{folder}/words"\n', r"http\[0\]\.tokens_file: .*each line is the SHA-256 of a token"),
    "a password in a folder": (MQTT + 'username = "u"\npassword_file = "{folder}"\n', r"mqtt\[0\]\.password_file: .* cannot be read: it is a folder"),
    "a certificate in a folder": (HTTP + 'cert_file = "{folder}"\nkey_file = "{folder}/a.key"\n', r"http\[0\]\.cert_file: .* cannot be read: it is a folder"),
    "two by one name": (MQTT + 'name = "x"\n' + HTTP + 'name = "x"\n', r":\d+:8: http\[0\]\.name: mqtt\[0\] has this name already"),
    "two of one client": (MQTT + MQTT, r"c\.toml:\d+:1: mqtt\[1\]\.client_id: two sources of the same broker need two client_ids"),
    "two instruments by one name": (MODBUS + MODBUS, r"modbus\[1\]\.name: modbus\[0\] has this name already"),
    "an alias of a misspelt quantity": ('[kafka.aliases]\nair_temprature = "t"\n', r'no quantity "air_temprature"; did you mean "air_temperature"\?'),
    "limits of a misspelt quantity": ('[quality.temprature]\nlow = -40\n', r'did you mean'),
    "an id of what the topic has not": ('[[mapping]]\nname = "m"\ntopics = ["a/{{b}}"]\nid = "{{c}}"\n' + MQTT + 'format = "mapping"\n', r"nothing is called \{c\}"),
    "a time out of range": ('[silence]\nat_least = "900 d"\n', r"out of range: it must be from \S+ to \S+$"),
    "a broker's key beside a table's": ('[kafka]\ntopics = "a"\n', r'did you mean "topic"\? "topics" is a key of \[\[mqtt\]\] and \[\[listener\]\]'),
    "users that are none": (LISTENER + 'users_file = "{folder}/words"\n', r"listener\[0\]\.users_file: .*/words"),
}
SERVERS = {"kafka://127.0.0.1:9092": "without anything like kafka:// before it", "127.0.0.1:99999": "a port is a number from 1 to 65535",
           "127.0.0.1:": "a port is a number", "": "", ",": "must be HOST:PORT", "http://a": "kafka://"}
GOOD = {
    "times as people write them": '[silence]\nat_least = "10 min"\nat_most = "1h30m"\n[log]\ncommit_interval = "0.5 s"\n',
    "sizes": '[log]\nsegment_bytes = "8M"\nmax_bytes = "1.5G"\nmin_free_bytes = "64 mb"\n',
    "a certificate with its key": HTTP + PAIR % "a.key",
    "a password that comes later": MQTT + 'username = "u"\npassword_file = "{folder}/later"\n',
    "Kafka's key that comes later": '"security.protocol" = "SSL"\n"ssl.certificate.location" = "{folder}/later"\n"ssl.key.location" = "{folder}/later"\n',
    "Kafka's authorities in a folder": '"security.protocol" = "SSL"\n"ssl.ca.location" = "{folder}"\n',
    "Kafka's login by Kerberos": '"security.protocol" = "SASL_PLAINTEXT"\n"sasl.mechanism" = "GSSAPI"\n',
    "Kafka's login": '"security.protocol" = "SASL_PLAINTEXT"\n"sasl.mechanism" = "SCRAM-SHA-256"\n"sasl.username" = "a"\n"sasl.password" = "b"\n',
    "a certificate that comes later": HTTP + 'cert_file = "{folder}/later"\nkey_file = "{folder}/later.key"\n',
    "Kafka's authority that comes later": '"security.protocol" = "SSL"\n"ssl.ca.location" = "{folder}/later"\n',
    "a quantity of one's own": '[kafka.aliases]\nfrog_croaks = "croaks"\n',
    "filters": MQTT.replace('"a"', '"#", "+/a/+", "a/#", "$share/g/a/#"'),
}


class Judgement(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = suite.folder("judged")
        openssl = Certificates.openssl
        for name in ("a", "b"):
            openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=pi", "-days", 30, "-keyout", cls.folder / f"{name}.key",
                    "-out", cls.folder / f"{name}.crt")
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", cls.folder / "ec.key")
        openssl("rsa", "-in", cls.folder / "a.key", "-aes128", "-passout", "pass:hidden", "-out", cls.folder / "locked.key")
        (cls.folder / "words").write_text("no such thing\n")

    def write(self, text, kafka=KAFKA):
        config = self.folder / "c.toml"
        text = text.format(folder=self.folder, port=suite.free_port())
        top = TOP.format(folder=self.folder)
        if text.startswith("[web]"):
            top, text = top.replace("[web]\nenabled = false\n", ""), text
        config.write_text(top + kafka + text)
        return config

    def runs(self, config):
        """The exit code of `run`, None: it is ready, as systemd is told; and what it said."""
        return self.until_ready(config, lambda: None)

    def until_ready(self, config, then):
        place = self.folder / "notify"
        place.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(place))
            notify.settimeout(0.05)
            child = subprocess.Popen([PROGRAM, "run", "-c", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                                     env={**os.environ, "NOTIFY_SOCKET": str(place)})
            try:
                began, ready = fair_clock.seconds(), False
                while child.poll() is None and not ready:
                    self.assertLess(fair_clock.seconds() - began, 60, "neither ready nor ended")
                    try:
                        ready = b"READY=1" in notify.recv(4096)
                    except TimeoutError:
                        pass
                if ready:
                    then()
            finally:
                code = child.poll()
                child.kill()
                said = child.communicate()[0]
        return code, said

    def test_each_fault_is_told_by_both_in_words_to_act_on(self):
        faults = dict(FAULTS)
        cases = [(name, self_text, KAFKA, words) for name, (self_text, words) in faults.items()]
        cases += [(f"servers {servers}", "", f'[kafka.properties]\n"bootstrap.servers" = "{servers}"\n', re.escape(words))
                  for servers, words in SERVERS.items()]
        for name, text, kafka, words in cases:
            with self.subTest(name):
                config = self.write(text, kafka)
                checked = run("check", "--offline", "-c", config)
                self.assertEqual(checked.returncode, 78, checked.stdout + checked.stderr)
                self.assertTrue(re.search(words, checked.stderr, re.MULTILINE), checked.stderr)
                code, said = self.runs(config)
                self.assertEqual((code, said), (78, checked.stderr))
                as_json = run("check", "--json", "--offline", "-c", config)
                self.assertTrue(as_json.stdout.startswith('{"'), as_json.stdout)
        self.assertGreater(len(cases), 25)

    def test_what_is_good_is_good_for_both(self):
        for name, text in GOOD.items():
            with self.subTest(name):
                config = self.write(text)
                checked = run("check", "--offline", "-c", config)
                self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
                self.assertEqual(self.runs(config)[0], None, "it runs")

    def test_what_is_not_there_yet_or_has_no_effect_is_told_by_both(self):
        for text, check_says, run_says in (
                (MQTT + 'username = "u"\npassword_file = "{folder}/later"\n',
                 "mqtt://127.0.0.1:1: password_file .*/later is not there yet", "mqtt:127.0.0.1:1: not connecting yet: password_file .*/later is not there yet"),
                (HTTP + 'cert_file = "{folder}/later"\nkey_file = "{folder}/later.key"\n', "cert_file .*/later is not there yet",
                 "http: not listening yet: cert_file .*/later is not there yet"),
                ('[[mapping]]\nname = "m"\ntopics = ["a"]\nid = "b"\ncommon_names = true\n' + MQTT, *[r'c\.toml:\d+:1: mapping\[0\]: has no effect: no source has format = "mapping"'] * 2)):
            config = self.write(text)
            checked = run("check", "--offline", "-c", config)
            self.assertEqual(checked.returncode, 0, checked.stdout)
            self.assertRegex(checked.stdout, "warning .*" + check_says)
            code, said = self.runs(config)
            self.assertEqual(code, None, said)
            self.assertRegex(said, "warning .*" + run_says)

    def test_a_port_that_this_user_may_not_have_is_a_fault_of_both(self):
        if int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) == 0:
            self.skipTest("every port is everybody's here")
        config = self.write('[[http]]\nlisten = "127.0.0.1:79"\n')
        for folder in (self.folder.parent, self.folder):
            folder.chmod(0o755)
        as_nobody = ("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", PROGRAM) if os.getuid() == 0 else (PROGRAM,)
        said = [subprocess.run([*as_nobody, *words, "-c", config], capture_output=True, text=True, timeout=60) for words in (("check", "--offline"), ("run",))]
        for done in said:
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn("http[0].listen: port 79 of 127.0.0.1 is not this user's to listen on", done.stderr)
        self.assertEqual(said[0].stderr, said[1].stderr)

    def test_a_password_that_comes_later_is_taken_up(self):
        later = self.folder / "soon"
        later.unlink(missing_ok=True)
        config = self.write(MQTT + 'username = "u"\npassword_file = "{folder}/soon"\n')

        def then():
            source = lambda: json.loads(run("status", "--json", "-c", config).stdout)["sources"][0]
            self.assertIn("not connecting yet: password_file", source()["reason"])
            later.write_text("hidden\n")
            suite.wait_for(lambda: "cannot connect" in source()["reason"], "the source tries", 20)

        code, said = self.until_ready(config, then)
        self.assertEqual(code, None, said)

    def test_two_of_each_kind_have_series_of_their_own(self):
        page = suite.free_port()
        ports = [suite.free_port() for _ in range(4)]
        config = self.write(
            f'[web]\nlisten = "127.0.0.1:{page}"\n' + "".join(f'[[http]]\nlisten = "127.0.0.1:{port}"\n' for port in ports[:2])
            + "".join(f'[[listener]]\nlisten = "127.0.0.1:{port}"\n' for port in ports[2:])
            + "".join(MQTT + f'client_id = "{name}"\n' for name in "ab") + 2 * '[[lines]]\npath = "{folder}/lines"\n'
            + "".join(f'[[bus]]\nkind = "{kind}"\n' for kind in ("hwmon", "hwmon", "iio", "iio", "one_wire", "one_wire"))
            + MODBUS + MODBUS.replace('"a"', '"b"') + 2 * '[[nmea]]\ndevice = "/dev/none"\n' + 2 * "[[simulator]]\nstations = 1\n")

        def then():
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics", timeout=10) as answer:
                text = answer.read().decode()
            series = [line.rsplit(" ", 1)[0] for line in text.splitlines() if line and not line.startswith("#")]
            self.assertEqual(len(series), len(set(series)), [one for one in set(series) if series.count(one) > 1])
            sources = re.findall(r'^weather_gateway_source_up\{.*source="([^"]*)"\}', text, re.MULTILINE)
            self.assertEqual(len(sources), 20, sources)
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
            self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

        code, said = self.until_ready(config, then)
        self.assertEqual(code, None, said)

    def test_every_wrong_configuration_of_the_suite_is_judged_alike(self):
        folder = suite.folder("wrong")
        config, apart = folder / "w.toml", []
        cases = wrong_configurations(folder)
        for name, (text, files) in cases.items():
            config.write_text(text)
            for file, content in files.items():
                (folder / file).write_text(content + "\n")
                (folder / file).chmod(0o600)
            checked = run("check", "--offline", "-c", config)
            code, said = self.runs(config)
            if (checked.returncode == 78) != (code == 78) or (checked.returncode == 0) != (code is None):
                apart.append(f"{name}: check {checked.returncode}, run {code}: {said[-300:]}")
            if checked.returncode == 78 and said != checked.stderr:
                apart.append(f"{name}: not the same words: {said[-200:]} / {checked.stderr[-200:]}")
        print(f"{len(cases)} configurations", flush=True)
        self.assertEqual(apart, [], "\n".join(apart))
        self.assertGreater(len(cases), 200)


class Words(unittest.TestCase):
    def test_a_mistyped_command_or_option_is_answered_with_the_one_meant(self):
        for words, told in ((("statsu",), '"statsu" is no command; did you mean "status"?'), (("log", "lst"), '"lst" is no command; did you mean "ls"?'),
                            (("check", "--ofline"), '"--ofline" is no option; did you mean "--offline"?'),
                            (("qqqqqq",), '"qqqqqq" is no command; `weather-gateway --help` lists them')):
            done = run(*words)
            self.assertEqual((done.returncode, done.stderr.strip()), (64, "weather-gateway: " + told))

    def test_version_and_help_are_what_others_call_them(self):
        self.assertRegex(run("--version").stdout, r"^weather-gateway \d+\.\d+")
        self.assertEqual(run("help", "status").stdout, run("status", "--help").stdout)
        self.assertNotIn("Without a command", run("status", "--help").stdout)
        self.assertIn("Without a command", run("help").stdout)

    def test_a_running_gateway_is_asked_whatever_the_file_says_now(self):
        folder = suite.folder("asked")
        config = folder / "c.toml"
        good = TOP.format(folder=folder) + KAFKA
        config.write_text(good)
        child = subprocess.Popen([PROGRAM, "run", "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        suite.wait_for(lambda: run("status", "-c", config).returncode == 0, "it answers")
        for fault in ("[x]\n", "x = \n", '[log]\non_full = "${SITE:?}"\n', '"'):
            config.write_text(good + fault)
            for words in (("status",), ("sensors",), ("sensors", "--json"), ("top", "--count", 1), ("status", "--check")):
                done = run(*words, "-c", config)
                self.assertIn(done.returncode, (0, 1), (fault, words, done.stderr))
                if words[0] != "top":  # a screen, and nothing beside it
                    self.assertIn("has faults, `weather-gateway check` lists them", done.stderr)
        child.kill()
        child.wait()
        done = run("status", "--json", "-c", config)
        self.assertEqual(done.returncode, 78)
        self.assertIn('"error":', done.stdout)


if __name__ == "__main__":
    suite.main()
