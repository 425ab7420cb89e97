"""What is in the package: complete, clean, small, the same twice; its examples work with the programs they are for."""

import json
import pathlib
import re
import subprocess
import time
import unittest

import packages
from harness import suite
from harness.mosquitto import Mosquitto
from harness.process import Process
from harness.publisher import connect

MIB = 1024 * 1024
DOC = "usr/share/doc/weather-gateway"


def setUpModule():
    global package, again, tree
    first = packages.pack()
    second = packages.pack(TMPDIR=str(suite.folder("elsewhere")), TZ="Asia/Kathmandu", LANG="C.UTF-8", LC_ALL="C.UTF-8")
    package, again = first.wait(), second.wait()
    tree = packages.unpack(package)


def output(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def unit_file():
    """Debian 13 has the unit below /usr/lib, Debian 12 below /lib."""
    return next(tree.glob("**/lib/systemd/system/weather-gateway.service"))


class Package(unittest.TestCase):
    def test_has_everything_a_user_is_promised(self):
        for path in ("usr/bin/weather-gateway", "etc/weather-gateway/weather-gateway.toml", "etc/apparmor.d/weather-gateway",
                     unit_file(), next(tree.glob("**/lib/udev/rules.d/60-weather-gateway.rules")),
                     "usr/lib/sysusers.d/weather-gateway.conf", "usr/lib/tmpfiles.d/weather-gateway.conf",
                     "usr/share/bash-completion/completions/weather-gateway", "usr/share/zsh/vendor-completions/_weather-gateway",
                     "usr/share/fish/vendor_completions.d/weather-gateway.fish",
                     "usr/share/man/man1/weather-gateway.1.gz", "usr/share/man/man5/weather-gateway.toml.5.gz",
                     "usr/share/man/man8/weather-gateway.8.gz",
                     "usr/share/weather-gateway/prometheus/weather-gateway.rules.yml",
                     "usr/share/weather-gateway/proto/reading.proto", "usr/share/weather-gateway/weather-gateway.cdx.json",
                     f"{DOC}/examples/README.md", f"{DOC}/examples/mapping/station.toml", f"{DOC}/examples/mapping/station.json",
                     f"{DOC}/examples/modbus/instruments.toml", f"{DOC}/examples/i2c/chips.toml", f"{DOC}/examples/ecowitt/console.toml", f"{DOC}/examples/proxy/proxy.toml",
                     f"{DOC}/examples/home-assistant/statestream.toml", f"{DOC}/examples/ansible/playbook.yml",
                     f"{DOC}/examples/mosquitto/weather-gateway.conf", f"{DOC}/examples/mosquitto/weather-gateway.acl",
                     f"{DOC}/examples/mosquitto/bridge.conf", f"{DOC}/examples/rtl_433/rtl_433.conf",
                     f"{DOC}/examples/systemd/10-buses.conf", f"{DOC}/examples/systemd/11-i2c.conf",
                     f"{DOC}/examples/systemd/15-gpio.conf", f"{DOC}/examples/systemd/16-bluetooth.conf",
                     f"{DOC}/examples/systemd/20-credentials.conf",
                     f"{DOC}/examples/systemd/30-watchdog.conf"):
            self.assertTrue((tree / path).is_file(), path)
        for board in (packages.ROOT / "gateway/monitoring").glob("*.json"):
            self.assertTrue((tree / "usr/share/weather-gateway/grafana" / board.name).is_file(), board.name)
        conffiles = (tree / "DEBIAN" / "conffiles").read_text().split()
        self.assertIn("/etc/weather-gateway/weather-gateway.toml", conffiles)

    def test_lintian_has_nothing_to_say(self):
        done = subprocess.run(["lintian", "--pedantic", "--tag-display-limit", "0", package], capture_output=True, text=True)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_is_the_same_when_made_twice(self):
        self.assertEqual(package.read_bytes(), again.read_bytes())

    def test_takes_less_than_7_mib(self):
        installed = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file() and "DEBIAN" not in path.parts)
        print(f"installed: {installed / MIB:.2f} MiB", flush=True)
        self.assertLess(installed, 7 * MIB)

    def test_the_unit_is_exposed_little(self):
        said = output("systemd-analyze", "security", "--offline=true", "--no-pager", unit_file())
        exposure = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said).group(1))
        print(f"exposure: {exposure}", flush=True)
        self.assertLessEqual(exposure, 1.2)

    def test_the_apparmor_profile_compiles(self):
        output("apparmor_parser", "--skip-kernel-load", "--skip-cache", "--base", "/etc/apparmor.d", tree / "etc/apparmor.d/weather-gateway")
        self.assertIn("AppArmorProfile=-weather-gateway\n", unit_file().read_text())

    def test_bash_completes_commands_and_options(self):
        script = tree / "usr/share/bash-completion/completions/weather-gateway"

        def completed(*words):
            line = " ".join(f"'{word}'" for word in ("weather-gateway", *words))
            return output("bash", "-c", f'. "{script}"; COMP_WORDS=({line}); COMP_CWORD={len(words)}; '
                                        '"$(complete -p weather-gateway | sed "s/.*-F \\([^ ]*\\).*/\\1/")"; echo "${COMPREPLY[@]}"').split()
        self.assertEqual(completed("aud"), ["audit"])
        self.assertEqual(completed("log", "ver"), ["verify"])
        self.assertIn("--json", completed("status", "--"))

    def test_the_schema_of_readings_compiles(self):
        output("protoc", f"--proto_path={tree}/usr/share/weather-gateway/proto", f"--descriptor_set_out={suite.folder('proto')}/out",
               "reading.proto")


class Bill(unittest.TestCase):
    """The CycloneDX bill of materials."""

    def setUp(self):
        self.bill = json.loads((tree / "usr/share/weather-gateway/weather-gateway.cdx.json").read_text())

    def test_names_the_package_and_version_of_each_library_the_program_loads(self):
        listed = {component["name"]: component for component in self.bill["components"]}
        for line in output("ldd", tree / "usr/bin/weather-gateway").splitlines():
            if "=>" not in line:
                continue
            library = pathlib.Path(line.split("=>")[1].split()[0]).resolve()
            name = next(owner for owner in (subprocess.run(["dpkg", "-S", path], capture_output=True, text=True).stdout.split(":")[0]
                                            for path in (str(library), str(library).removeprefix("/usr"))) if owner)
            self.assertIn(name, listed)
            version = output("dpkg-query", "-W", "-f", "${Version}\n", name).split("\n")[0]
            self.assertEqual(listed[name]["version"], version)
            self.assertTrue(listed[name]["purl"].startswith(f"pkg:deb/debian/{name}@"))

    def test_names_what_is_compiled_in(self):
        compiled = {component["name"] for component in self.bill["components"]
                    if {"name": "weather-gateway:use", "value": "compiled in"} in component["properties"]}
        self.assertLessEqual({"libcli11-dev", "libtomlplusplus-dev", "libexpected-dev"}, compiled)

    def test_is_cyclonedx_whose_references_lead_somewhere(self):
        self.assertEqual((self.bill["bomFormat"], self.bill["specVersion"]), ("CycloneDX", "1.5"))
        self.assertRegex(self.bill["serialNumber"], "^urn:uuid:[0-9a-f-]{36}$")
        own = self.bill["metadata"]["component"]["bom-ref"]
        known = {component["bom-ref"] for component in self.bill["components"]} | {own}
        self.assertEqual(len(known), len(self.bill["components"]) + 1)
        edges = {entry["ref"]: entry["dependsOn"] for entry in self.bill["dependencies"]}
        self.assertLessEqual(set(edges) | {ref for below in edges.values() for ref in below}, known)
        self.assertIn("librdkafka1", {ref.split("/")[2].split("@")[0] for ref in edges[own]})


class Examples(unittest.TestCase):
    """The mosquitto examples in a real mosquitto; only ports and paths are changed."""

    def setUp(self):
        examples = tree / DOC / "examples" / "mosquitto"
        self.folder, self.port = suite.folder("example"), suite.free_port()
        users = self.folder / "passwd"
        for number, user in enumerate(("gateway", "roof", "rtl_433")):
            output("mosquitto_passwd", *(["-c"] if number == 0 else []), "-b", users, user, f"{user}-secret")
        config = ((examples / "weather-gateway.conf").read_text().replace("listener 1883", f"listener {self.port} 127.0.0.1")
                  .replace("/etc/mosquitto/weather-gateway.passwd", str(users))
                  .replace("/etc/mosquitto/weather-gateway.acl", str(examples / "weather-gateway.acl")))
        (self.folder / "conf.d").mkdir()
        (self.folder / "conf.d" / "weather-gateway.conf").write_text(config)
        # Beside Debian's own file, which says some things already and may not be told them twice.
        (self.folder / "mosquitto.conf").write_text(re.sub(
            r"(/var/lib|/var/log|/run|/etc)/mosquitto", str(self.folder), pathlib.Path("/etc/mosquitto/mosquitto.conf").read_text())
            + "\nuser root\n")
        self.broker = Process(["mosquitto", "-c", self.folder / "mosquitto.conf"], self.folder / "console.log")
        self.addCleanup(self.broker.kill9)
        self.broker.start()
        log = self.folder / "mosquitto.log"
        suite.wait_for(lambda: log.exists() and "running" in log.read_text(), lambda: f"mosquitto runs: {self.broker.output()}")

    def publish(self, user, topic, payload, qos=1):
        output("mosquitto_pub", "-p", self.port, "-u", user, "-P", f"{user}-secret", "-q", qos, "-t", topic, "-m", payload)

    def subscriber(self, seconds, *topics):
        """What a persistent subscriber with the gateway's user got."""
        wanted = [word for topic in topics for word in ("-t", topic)]
        return subprocess.run(["mosquitto_sub", "-p", str(self.port), "-u", "gateway", "-P", "gateway-secret", "-i", "weather-gateway-x",
                               "-c", "-q", "1", "-W", str(seconds), "-v", *wanted], capture_output=True, text=True).stdout.splitlines()

    def test_readings_of_quality_of_service_0_wait_for_the_gateway_and_each_station_writes_its_own_topics_only(self):
        self.subscriber(1, "weather/#", "rtl_433/#")
        self.publish("roof", "weather/roof/1", "a", qos=0)
        self.publish("rtl_433", "rtl_433/attic/events", "b", qos=0)
        self.publish("roof", "weather/cellar/1", "not its own", qos=1)
        self.publish("gateway", "weather/roof/1", "the gateway only reads", qos=1)
        self.assertEqual(self.subscriber(1, "weather/#", "rtl_433/#"), ["weather/roof/1 a", "rtl_433/attic/events b"])

    def test_nobody_comes_in_without_a_password(self):
        done = subprocess.run(["mosquitto_pub", "-p", str(self.port), "-t", "weather/x", "-m", "x"], capture_output=True, text=True)
        self.assertIn("not authorised", (done.stdout + done.stderr).lower())

    def test_a_bridge_carries_readings_over_and_keeps_them_while_the_other_side_is_away(self):
        # The far side is a broker here: what matters is what the bridge keeps and sends.
        far = Mosquitto("password_file " + str(self.folder / "far.passwd"))
        output("mosquitto_passwd", "-c", "-b", self.folder / "far.passwd", "bridge-roof", "change-me")
        text = (tree / DOC / "examples" / "mosquitto" / "bridge.conf").read_text()
        text = text.replace("gateway.example:8883", f"127.0.0.1:{far.port}").replace("bridge_capath /etc/ssl/certs\n", "")
        config, port = self.folder / "bridge.conf", suite.free_port()
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n{text}")
        bridge = Process(["mosquitto", "-c", config], self.folder / "bridge.log")
        self.addCleanup(bridge.kill9)
        bridge.start()
        suite.wait_for(lambda: "running" in bridge.output(), lambda: f"the bridge runs: {bridge.output()}")
        output("mosquitto_pub", "-p", port, "-q", 1, "-t", "weather/roof", "-m", "kept")
        far.start()
        got = []
        client = connect(far.port, "reader")
        client.on_message = lambda _client, _data, message: got.append((message.topic, message.payload, message.qos))
        client.subscribe("weather/#", 1)
        client.loop_start()
        try:
            suite.wait_for(lambda: got, lambda: f"the bridge has connected: {bridge.output()}", 30)
            time.sleep(0.2)  # no second one may come in this time
            self.assertEqual(got, [("weather/roof", b"kept", 1)])
        finally:
            client.disconnect()
            client.loop_stop()


if __name__ == "__main__":
    suite.main()
