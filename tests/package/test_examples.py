"""The examples of the package (cross/examples): settings are accepted, samples become the readings they are for. The
mosquitto examples are tried in test_contents.py, the Ansible playbook in test_ansible.py."""

import configparser
import json
import pathlib
import re
import shutil
import unittest

import jinja2
import packages
import yaml
from harness import gateway, suite

EXAMPLES = packages.ROOT / "cross" / "examples"
SHIPPED = packages.ROOT / "cross/etc/weather-gateway/weather-gateway.toml"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")

# What Kafka gets of each sample: topic, file, key and value.
SAMPLES = {
    ("station/shed/json", "mapping/station.json"): ("station:shed", {
        "temperature": 22, "humidity": 48, "soil_moisture_bed1": 31, "soil_moisture_bed2": 28.5, "wind_speed": 10,
        "battery_voltage": 2.9, "serial": 17, "windUnit": "km/h"}),
    ("/data/report/", "ecowitt/upload.txt"): ("ecowitt:GW2000A:70515708", {
        "temperature_indoor": 21.6, "humidity_indoor": 41, "pressure_sea_level": 1013.24, "temperature": 7.9, "humidity": 83,
        "wind_direction": 225, "wind_speed": 2.1, "wind_gust": 3.62, "solar_radiation": 112.4, "uv_index": 1, "rain_rate": 0,
        "rain_daily": 2.9972, "soil_moisture_ch1": 38, "battery_low_wh65": False, "battery_voltage_soil_ch1": 1.6, "interval_s": 60,
        "freq": "868M"}),
    ("statestream/sensor/garden_temperature/state", "home-assistant/state.txt"): ("ha:garden", {"temperature": 21.4}),
    ("greenhouse/state", "home-assistant/greenhouse.json"): ("greenhouse", {
        "temperature": 18.4, "humidity": 71.2, "vpd_kPa": 0.61, "battery_level": 87}),
}


def drop_ins():
    return sorted(EXAMPLES.rglob("*.toml"))


def configuration(*files):
    """The configuration as installed, with these drop-ins and the secrets that they name."""
    folder = suite.folder("configuration")
    shutil.copy(SHIPPED, folder)
    (folder / "conf.d").mkdir()
    for file in files:
        shutil.copy(file, folder / "conf.d")
        for secret in re.findall(r'^password_file = "([^"]+)"', file.read_text(), re.M):
            (folder / "conf.d" / secret).write_text("secret\n")
            (folder / "conf.d" / secret).chmod(0o600)
    return folder / SHIPPED.name


class Files(unittest.TestCase):
    def test_settings_are_accepted_alone_and_all_together(self):
        self.assertEqual(len(drop_ins()), 7)
        for files in ([], *([file] for file in drop_ins()), drop_ins()):
            with self.subTest([file.name for file in files]):
                done = gateway.run("check", "--offline", "-c", configuration(*files))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                for file in files:
                    self.assertNotIn(file.name, done.stdout + done.stderr)

    def test_samples_become_the_readings_they_are_for(self):
        told = re.findall(r"^weather-gateway check --topic (\S+) --sample (\S+)$", README, re.MULTILINE)
        self.assertEqual(sorted(told), sorted(SAMPLES))
        for topic, file in told:
            with self.subTest(file):
                [drop_in] = [path for path in drop_ins() if f"--topic {topic} --sample {pathlib.Path(file).name}\n" in path.read_text()]
                done = gateway.run("check", "-c", configuration(drop_in), "--topic", topic, "--sample", EXAMPLES / file, "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                [record] = json.loads(done.stdout)["records"]
                self.assertEqual((record["key"], record["value"]), SAMPLES[topic, file])

    def test_home_assistant_publishes_where_the_gateway_subscribes(self):
        published = yaml.safe_load((EXAMPLES / "home-assistant/configuration.yaml").read_text())["mqtt_statestream"]
        settings = (EXAMPLES / "home-assistant/statestream.toml").read_text()
        self.assertIn(f'topics = ["{published["base_topic"]}/sensor/+/state"]', settings)
        self.assertIn(f'base = "{published["base_topic"]}"', settings)

    def test_each_is_in_the_list_and_what_the_list_names_is_there(self):
        named = re.findall(r"^\| `(\S+)` \|", README, re.MULTILINE)
        for name in named:
            self.assertTrue((EXAMPLES / name).exists() or name == "systemd/", name)
        for path in EXAMPLES.rglob("*"):
            folder = path.parent.relative_to(EXAMPLES).parts[:1]
            if path.is_file() and folder and path.suffix in (".toml", ".yaml", ".yml", ".conf"):
                self.assertTrue({str(path.relative_to(EXAMPLES)), f"{folder[0]}/"} & set(named), path)


class Playbook(unittest.TestCase):
    """What can be said of it without a machine; test_ansible.py plays it."""

    def test_its_settings_are_accepted(self):
        [play] = yaml.safe_load((EXAMPLES / "ansible/playbook.yml").read_text())
        inventory = configparser.ConfigParser(allow_no_value=True, delimiters=("=",))
        inventory.read(EXAMPLES / "ansible/inventory.ini")
        self.assertIn(play["hosts"], inventory)
        folder = suite.folder("rendered")
        templates = jinja2.Environment(loader=jinja2.FileSystemLoader(EXAMPLES / "ansible/conf.d"), trim_blocks=True,
                                       undefined=jinja2.StrictUndefined)
        templates.filters["to_json"] = json.dumps
        for name in play["vars"]["drop_ins"]:
            rendered = templates.get_template(name + ".j2").render({**inventory["gateways:vars"], **play["vars"], "inventory_hostname": "pi-roof"})
            (folder / name).write_text(rendered)
        config = configuration(*folder.iterdir())
        done = gateway.run("check", "--offline", "-c", config)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        shown = gateway.run("config", "show", "-c", config).stdout
        for expected in ("gateway.id = 'pi-roof'", 'servers = "broker.example.net:9092"', "listen = '0.0.0.0:8681'"):
            self.assertIn(expected, shown)


if __name__ == "__main__":
    suite.main()
