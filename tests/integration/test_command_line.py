"""The commands that need no broker: configuration errors with their place, versions, help."""

import pathlib
import unittest

from harness import suite
from harness.gateway import Gateway, run

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


class Usage(unittest.TestCase):
    def test_every_command_explains_itself(self):
        for command in ("run", "check", "version", "demo", "produce", "consume", "send"):
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
