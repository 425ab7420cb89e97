"""The commands that need no broker: configuration errors with their place, versions, help."""

import json
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

from harness import json_schema, suite
from harness.gateway import Gateway, run

LOADER = SourceFileLoader("fill_in", str(pathlib.Path(__file__).resolve().parents[2] / "docs" / "man" / "fill-in"))
fill_in = module_from_spec(spec_from_loader(LOADER.name, LOADER))
LOADER.exec_module(fill_in)

CONFIG_ERROR = 78  # EX_CONFIG
USAGE_ERROR = 64  # EX_USAGE


class Configuration(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway(None, "127.0.0.1:1")

    def with_change(self, old, new):
        text = self.gateway.config.read_text()
        self.assertIn(old, text)
        self.gateway.config.write_text(text.replace(old, new, 1))
        return next(n for n, line in enumerate(self.gateway.config.read_text().splitlines(), 1) if new in line)

    def test_a_good_one_is_checked_and_found_good(self):
        done = run("check", "-c", self.gateway.config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_unknown_key_ends_with_78_its_place_and_the_nearest_name(self):
        line = self.with_change("data_dir =", "data_dri =")
        for command in ("check", "run"):
            with self.subTest(command):
                done = run(command, "-c", self.gateway.config)
                self.assertEqual(done.returncode, CONFIG_ERROR, done.stdout + done.stderr)
                self.assertIn(f"weather-gateway.toml:{line}:1", done.stderr)
                self.assertIn("data_dri", done.stderr)
                self.assertIn("data_dir", done.stderr.replace("data_dri", ""))

    def test_all_errors_come_at_once(self):
        first = self.with_change("qos = 1", "qos = 3")
        second = self.with_change(f'id = "{self.gateway.id}"', "id = 17")
        done = run("check", "-c", self.gateway.config)
        self.assertEqual(done.returncode, CONFIG_ERROR)
        self.assertIn(f"weather-gateway.toml:{first}:", done.stderr)
        self.assertIn(f"weather-gateway.toml:{second}:", done.stderr)

    def test_a_syntax_error_is_named_with_its_line(self):
        line = self.with_change("qos = 1", "qos = = 1")
        done = run("run", "-c", self.gateway.config)
        self.assertEqual(done.returncode, CONFIG_ERROR)
        self.assertIn(f"weather-gateway.toml:{line}", done.stderr)

    def test_an_unknown_client_property_is_named(self):
        self.with_change('"reconnect.backoff.max.ms"', '"reconnect.backof.max.ms"')
        done = run("run", "-c", self.gateway.config)
        self.assertEqual(done.returncode, CONFIG_ERROR, done.stdout + done.stderr)
        self.assertIn("reconnect.backof.max.ms", done.stderr)

    def test_a_missing_file_is_named(self):
        done = run("run", "-c", "/nowhere/at-all.toml")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/nowhere/at-all.toml", done.stderr)


class Tables(unittest.TestCase):
    """What is written in two places says the same."""

    MAN = pathlib.Path(__file__).resolve().parents[2] / "docs" / "man"

    def commands(self, *path):
        """Names under a command, as its help lists them."""
        listed = run(*path, "--help").stdout.partition("Subcommands:\n")[2]
        return re.findall(r"^  (\S+) ", listed, re.M)

    def test_the_man_pages_hold_every_command_option_and_key(self):
        for page, part in (("weather-gateway.1.scd", "commands"), ("weather-gateway.toml.5.scd", "keys")):
            text = (self.MAN / page).read_text()
            begin, end = f"; begin: weather-gateway manual {part}\n", "; end\n"
            written = text[text.index(begin) + len(begin):text.index(end)].strip()
            self.assertEqual(written, run("manual", part).stdout.strip(), f"{page}: run docs/man/fill-in build/weather-gateway")

    def test_the_page_of_the_configuration_has_every_key(self):
        page, tables = fill_in.PAGE.read_text(), run("manual", "configuration").stdout
        self.assertTrue(page == fill_in.filled_in(page, tables), "docs/configuration.md: run docs/man/fill-in build/weather-gateway")

    def test_the_program_takes_each_example_of_that_page(self):
        folder = suite.folder("examples")
        (folder / "conf.d").mkdir()
        (folder / "conf.d" / "broker.toml").write_text('[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
        config = folder / "example.toml"
        written = fill_in.sections(fill_in.PAGE.read_text())
        for section in fill_in.sections(run("manual", "configuration").stdout):
            with self.subTest(section=section):
                example = re.fullmatch(r".*^```toml\n(.*)^```\n.*", written[section], re.M | re.S)
                self.assertTrue(example, "has no example")
                config.write_text(re.sub(r"\A(?!config_version)", "config_version = 1\n", example.group(1)))
                done = run("check", "--offline", "-c", config)
                self.assertIn(f"{config}: good", done.stdout, done.stderr)

    def test_completion_offers_every_command_and_option(self):
        script = run("completion", "bash").stdout
        def offered(*words):
            line = f'COMP_WORDS=(weather-gateway {" ".join(words)} ""); COMP_CWORD={len(words) + 1}; _weather_gateway; echo "${{COMPREPLY[*]}}"'
            return subprocess.run(["bash", "-c", script + line], capture_output=True, text=True, check=True).stdout.split()
        self.assertLessEqual(set(self.commands()), set(offered()))
        self.assertGreater(len(self.commands()), 15)
        for command in ("log", "config", "dead-letters"):
            self.assertLessEqual(set(self.commands(command)), set(offered(command)))
        self.assertLessEqual({"--json", "--check", "--watch"}, set(offered("status")))
        self.assertLessEqual({"--unsent", "--output"}, set(offered("log", "export")))

    def test_zsh_and_fish_get_theirs(self):
        self.assertTrue(run("completion", "zsh").stdout.startswith("#compdef weather-gateway\n"))
        fish = run("completion", "fish").stdout
        for command in self.commands():
            self.assertRegex(fish, rf"(?m)^complete -c weather-gateway .* -a {command} ")


class Shown(unittest.TestCase):
    def test_every_command_with_json_has_a_schema(self):
        commands = run("manual", "commands").stdout.split("## ")[1:]
        with_json = {text.split("\n", 1)[0] for text in commands if "*--json*" in text}
        self.assertGreater(len(with_json), 20)
        self.assertEqual(with_json - set(json_schema.schemas()), set())

    def test_who_asks_for_json_is_told_faults_in_json(self):
        """Each command as it fails first: without its arguments, without a gateway, without a log, without its file."""
        folder = suite.folder("faults")
        commands = run("manual", "commands").stdout.split("## ")[1:]
        tried = 0
        for command in (text.split("\n", 1)[0].split() for text in commands if "*--json*" in text):
            for arguments in ([], ["--nonsense"], ["-c", folder / "none.toml"], [folder], [folder, "a", "b"], ["--socket", folder / "none"],
                              ["1", "--socket", folder / "none"], ["-c", folder / "none.toml", "-i", folder / "none"]):
                done = run(*command, "--json", *arguments, timeout=30) if command not in (["demo"], ["simulate"]) or arguments else None
                if done is None or done.returncode == 0:
                    continue
                tried += 1
                with self.subTest(command=command, arguments=arguments):
                    for line in done.stdout.splitlines() or [""]:
                        document = json.loads(line)
                    if "error" in document:
                        json_schema.check("fault", done.stdout)
                        self.assertEqual(document["exit_code"], done.returncode)
                        self.assertTrue(document["error"])
        self.assertGreater(tried, 60)

    def test_default_is_a_file_that_is_good_and_schema_is_json(self):
        folder = suite.folder("default")
        (folder / "a.toml").write_text(run("config", "default").stdout + '\n[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n')
        self.assertEqual(run("config", "show", "-c", folder / "a.toml").returncode, 0)
        schema = json.loads(run("config", "schema").stdout)
        self.assertIs(schema["properties"]["log"]["properties"]["max_bytes"]["x-reloadable"], False)
        self.assertIs(schema["properties"]["kafka"]["properties"]["topic"]["x-reloadable"], True)

    def test_a_sample_is_explained_as_one_object_with_or_without_a_configuration(self):
        folder = suite.folder("sample")
        for name, form, topic, payload, key, value in (
                ("mapping preset", "tasmota", "tele/roof/SENSOR", '{"BME280":{"Temperature":71.6,"Id":"3C"},"TempUnit":"F"}', "tasmota:roof",
                 {"temperature_BME280": 22, "BME280": {"Id": "3C"}}),
                ("console", "ecowitt", "", "PASSKEY=AA&model=M&tempf=68&wh65batt=1", None,
                 {"temperature": 20, "battery_low_wh65": True, "battery_low": True}),
                ("sentence", "nmea", "/dev/ttyUSB0", "$WIMTA,21.4,C", "nmea:WI:ttyUSB0", {"temperature": 21.4})):
            with self.subTest(name):
                (folder / "sample").write_text(payload)
                done = run("check", "-c", folder / "none.toml", "--format", form, "--topic", topic, "--sample", folder / "sample", "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                said = json_schema.check("check_sample", done.stdout)
                [record] = said["records"]
                self.assertEqual(record["value"], value)
                if key:
                    self.assertEqual(record["key"], key)
                self.assertEqual(record["headers"]["unit"], "metric")
        self.assertEqual(run("check", "--format", "nonsense", "--sample", folder / "sample", "-c", folder / "none.toml").returncode, 64)
        self.assertEqual(run("check", "--sample", folder / "sample", "-c", folder / "none.toml").returncode, 64)

    def test_a_preset_that_is_printed_can_be_pasted(self):
        listed = dict(line.split(None, 1) for line in run("presets").stdout.splitlines())
        self.assertGreaterEqual(set(listed), {"tasmota", "esphome", "zigbee2mqtt", "shelly-gen2", "weewx"})
        folder = suite.folder("preset")
        for name in listed:
            source = '[kafka.properties]\n"bootstrap.servers" = "127.0.0.1:1"\n[[mqtt]]\nurl = "mqtt://127.0.0.1"\ntopics = ["#"]\nformat = "mapping"\n'
            (folder / "a.toml").write_text(source + run("presets", name).stdout)
            done = run("config", "show", "-c", folder / "a.toml")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(run("presets", "nonsense").returncode, 64)

    def test_show_names_the_origin_of_each_value(self):
        folder = suite.folder("origin")
        (folder / "a.toml").write_text('[kafka]\ntopic = "${WG_TOPIC:-from_default}"\n[kafka.properties]\n"bootstrap.servers" = "b:1"\n')
        (folder / "conf.d").mkdir()
        (folder / "conf.d" / "50.toml").write_text('[log]\non_full = "block"\n')
        shown = run("config", "show", "--origin", "-c", folder / "a.toml",
                    env={"WEATHER_GATEWAY_GATEWAY__ID": "from-env", "PATH": os.environ["PATH"]}).stdout
        self.assertRegex(shown, r"kafka.topic = 'from_default' +# \S*a.toml:2")
        self.assertRegex(shown, r'log.on_full = .*# \S*conf.d/50.toml:2')
        self.assertRegex(shown, r'gateway.id = from-env +# environment variable WEATHER_GATEWAY_GATEWAY__ID')

    def test_show_tells_what_the_properties_file_says_and_no_secret(self):
        folder = suite.folder("properties")
        (folder / "a.toml").write_text('[kafka]\nproperties_file = "p"\n[kafka.properties]\nacks = "all"\n')
        (folder / "p").write_text("# comment\nbootstrap.servers=b:1\nsasl.password=hunter2\nacks=1\n")
        shown = run("config", "show", "-c", folder / "a.toml").stdout
        self.assertRegex(shown, r'(?m)^kafka.properties.bootstrap.servers = "b:1" +# \S*/p:2$')
        self.assertRegex(shown, r"(?m)^kafka.properties.sasl.password = <redacted> +# \S*/p:3$")
        self.assertEqual(shown.count("kafka.properties.acks"), 1)
        self.assertNotIn("hunter2", shown)


class Bundle(unittest.TestCase):
    """It is needed when something is wrong: a fault of the configuration, no gateway, no log."""

    def test_is_made_of_what_there_is_and_says_what_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "faulty.toml")
            config.write_text('[kafka.properties]\n"sasl.pasword" = "hunter2-bundle"\nbroken = [\n')
            file = pathlib.Path(folder, "bundle.tar.gz")
            for name in ("faulty.toml", "missing.toml", "."):
                done = run("bundle", "-c", pathlib.Path(folder, name), "-o", file)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(file.stat().st_mode & 0o777, 0o600)
                with tarfile.open(file) as archive:
                    texts = {pathlib.Path(m.name).name: archive.extractfile(m).read().decode() for m in archive if m.isfile()}
                self.assertIn("the configuration: ", texts["missing.txt"])
                self.assertIn("no gateway is running there", texts["missing.txt"])
                self.assertIn("version.json", texts)
                self.assertEqual([part for part, text in texts.items() if "hunter2" in text], [])


class Usage(unittest.TestCase):
    def test_every_command_explains_itself(self):
        for command in ("run", "check", "version", "demo", "produce", "consume", "send", "doctor", "top", "bundle", "reload"):
            with self.subTest(command):
                done = run(command, "--help")
                self.assertEqual(done.returncode, 0)
                self.assertIn("--help", done.stdout)

    def test_a_wrong_command_is_a_usage_error(self):
        self.assertEqual(run("rnu").returncode, USAGE_ERROR)

    def test_the_version_is_the_projects(self):
        done = run("version")
        cmake = (pathlib.Path(__file__).resolve().parents[2] / "CMakeLists.txt").read_text()
        version = cmake.split("VERSION ")[2].split()[0]
        self.assertEqual(done.returncode, 0)
        self.assertIn(version, done.stdout)


if __name__ == "__main__":
    suite.main()
